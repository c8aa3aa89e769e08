import { expect, it } from "vitest";
import type { RenewalPolicy } from "../contract/renewal-policy.ts";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import { MINUTE, settle, TestTokenSource } from "./token-source.test-support.ts";

const IDENTITIES = 4_000;
const DAY_IN_MINUTES = 24 * 60;
const BUCKET_IN_MINUTES = 5;

/** As for a provider that issues a new token whenever it is asked, with an hour to live. */
const POLICY: RenewalPolicy = { softWindow: { share: 0.5 }, hardWindow: { ms: MINUTE }, jitter: 0.9 };

it("case 25: identities issued in one minute spread: over a day, no five minutes see twice the mean", {
  timeout: 60_000,
}, async () => {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock, maxIdentities: IDENTITIES, maxConcurrentIssues: IDENTITIES });
  let issues = 0;
  const answer = () => ({ value: `token-${++issues}`, lifetimeMs: 3_599_000 });
  const sources = Array.from(
    { length: IDENTITIES },
    (_, i) => new TestTokenSource({ key: `k${i}`, policy: POLICY, answer }),
  );
  await Promise.all(sources.map((source) => cache.getToken(source)));

  const buckets: number[] = [];
  let issuedBefore = issues;
  for (let minute = 1; minute <= DAY_IN_MINUTES; minute++) {
    clock.advance(MINUTE);
    for (const source of sources) cache.getToken(source);
    await settle();
    if (minute % BUCKET_IN_MINUTES !== 0) continue;
    buckets.push(issues - issuedBefore);
    issuedBefore = issues;
  }
  const mean = buckets.reduce((sum, count) => sum + count, 0) / buckets.length;
  expect(Math.max(...buckets) / mean).toBeLessThan(2);
  expect(Math.max(...buckets) / mean).toBeGreaterThan(1);
  // A token that lives an hour is renewed a little more than once an hour.
  expect((mean * 60) / BUCKET_IN_MINUTES / IDENTITIES).toBeLessThan(2);
});

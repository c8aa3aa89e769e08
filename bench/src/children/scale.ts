// A day in virtual time with many identities, all issued within its first minute and then used every few minutes.

import { setImmediate as nextTurn } from "node:timers/promises";
import { TokenCache } from "@x/token-cache-core";
import { instant, type TokenSource } from "@x/token-cache-core/provider";
import { ManualClock } from "@x/token-cache-core/testing";
import { asChild } from "../child-process.ts";

export interface ScaleInput {
  readonly identities: number;
  readonly hours: number;
  /** How often each identity is used, in minutes. */
  readonly everyMinutes: number;
}

export interface ScaleResult {
  /** Tokens issued in each bucket of `everyMinutes`, the first minute left out. */
  readonly issuesPerBucket: number[];
  /** Live heap at the start of the day, when each identity has a token, and at its end. */
  readonly heapAtFirst: number;
  readonly heapAtLast: number;
}

/** As the provider with an hour's tokens has it that issues a new one whenever it is asked. */
const POLICY = { softWindow: { share: 0.5 }, hardWindow: { ms: 60_000 }, jitter: 0.9 };
const LIFETIME_MS = 3_599_000;
const MINUTE_MS = 60_000;

await asChild(async ({ identities, hours, everyMinutes }: ScaleInput): Promise<ScaleResult> => {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock, maxIdentities: identities, maxConcurrentIssues: identities });
  let issues = 0;
  const sources = Array.from(
    { length: identities },
    (_, index): TokenSource => ({
      provider: "bench",
      origin: "https://auth.test",
      key: `bench:https://auth.test:${index.toString(16).padStart(32, "0")}`,
      policy: POLICY,
      issue: async () => ({
        value: `token-${(++issues).toString(36).padStart(40, "0")}`,
        lifetimeMs: LIFETIME_MS,
        sentAt: instant(clock),
      }),
    }),
  );
  const perSecond = Math.ceil(identities / 60);
  for (let begin = 0; begin < identities; begin += perSecond) {
    await Promise.all(sources.slice(begin, begin + perSecond).map((source) => cache.getToken(source)));
    clock.advance(1_000);
  }
  const heapAtFirst = await liveHeap();

  const issuesPerBucket: number[] = [];
  for (let minute = 0; minute < hours * 60; minute += everyMinutes) {
    const before = issues;
    clock.advance(everyMinutes * MINUTE_MS);
    for (const source of sources) cache.getToken(source);
    await nextTurn();
    issuesPerBucket.push(issues - before);
  }
  return { issuesPerBucket, heapAtFirst, heapAtLast: await liveHeap() };
});

async function liveHeap(): Promise<number> {
  await nextTurn();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

import { setImmediate as nextTurn } from "node:timers/promises";
import { TokenCache } from "@x/token-cache-core";
import { instant, type TokenSource } from "@x/token-cache-core/provider";
import { ManualClock } from "@x/token-cache-core/testing";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { figure, megabytes } from "../report/figures.ts";

const IDENTITIES = 100_000;
const HOURS = 24;
const EVERY_MINUTES = 5;

/** That of a provider whose tokens last an hour and which issues a new one on every request. */
const POLICY = { softWindow: { share: 0.5 }, hardWindow: { ms: 60_000 }, jitter: 0.9 };
const LIFETIME_MS = 3_599_000;
const MINUTE_MS = 60_000;

export const scale: Measure = {
  name: "scale",
  title: "A day with 100,000 identities",
  explanation:
    "In virtual time: all identities get their first token within one minute. Then each is used every five minutes for a " +
    "day, with tokens of an hour and Toss's renewal policy. Jitter, drawn once per token, spreads the renewals. The live " +
    "heap is that of the whole process, sources included.",
  isQuick: false,
  async run() {
    const day = await callInChild(import.meta.url, liveOneDay, null, { flags: ["--expose-gc"], timeoutMs: 300_000 });
    const { issuesPerBucket, heapAtFirst, heapAtLast } = day;
    const total = issuesPerBucket.reduce((sum, count) => sum + count, 0);
    const mean = total / issuesPerBucket.length;
    const peak = Math.max(...issuesPerBucket);
    const growth = heapAtLast / heapAtFirst;
    return {
      data: day,
      tables: [
        {
          columns: ["tokens issued", "mean in 5 min", "peak in 5 min", "peak to mean", "heap at first", "heap at last"],
          rows: [
            [
              figure(total),
              figure(Math.round(mean)),
              figure(peak),
              figure(peak / mean),
              megabytes(heapAtFirst),
              megabytes(heapAtLast),
            ],
          ],
        },
      ],
      targets: [
        { wanted: "a peak below 2 × the mean", reached: `${figure(peak / mean)} ×`, isMet: peak / mean < 2 },
        { wanted: "no growth: at most 1.1 × the heap", reached: `${figure(growth)} ×`, isMet: growth <= 1.1 },
      ],
    };
  },
};

interface Day {
  /** Tokens issued in each bucket of `EVERY_MINUTES`, without the first minute. */
  readonly issuesPerBucket: number[];
  /** Live heap at the start of the day, when each identity has a token. */
  readonly heapAtFirst: number;
  readonly heapAtLast: number;
}

/** Runs in a process of its own. */
export async function liveOneDay(): Promise<Day> {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock, maxIdentities: IDENTITIES, maxConcurrentIssues: IDENTITIES });
  let issues = 0;
  const sources = Array.from(
    { length: IDENTITIES },
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
  const perSecond = Math.ceil(IDENTITIES / 60);
  for (let begin = 0; begin < IDENTITIES; begin += perSecond) {
    await Promise.all(sources.slice(begin, begin + perSecond).map((source) => cache.getToken(source)));
    clock.advance(1_000);
  }
  const heapAtFirst = await liveHeap();

  const issuesPerBucket: number[] = [];
  for (let minute = 0; minute < HOURS * 60; minute += EVERY_MINUTES) {
    const before = issues;
    clock.advance(EVERY_MINUTES * MINUTE_MS);
    for (const source of sources) cache.getToken(source);
    await nextTurn();
    issuesPerBucket.push(issues - before);
  }
  return { issuesPerBucket, heapAtFirst, heapAtLast: await liveHeap() };
}

async function liveHeap(): Promise<number> {
  await nextTurn();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

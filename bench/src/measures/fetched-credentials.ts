import { TokenCache } from "@x/token-cache-core";
import { createTokenSource, readCredentials } from "@x/token-cache-core/provider";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { bytesPerCall, countFor, type Loop, nsPerCall, STEADY_HEAP } from "../processes/timed-loop.ts";
import { figure, spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

export const fetchedCredentials: Measure = {
  name: "fetched-credentials",
  title: "A cached token whose credentials a function fetches",
  explanation:
    "One call for a cached token, of a client with static credentials and of one with a function in the option " +
    "credentials. Both run in one process and take turns. A ratio is taken within each turn.",
  isQuick: true,
  async run({ quick }) {
    const [runs, runMs] = quick ? [5, 20] : [50, 20];
    const cost = await callInChild(import.meta.url, costOfFetched, { runs, runMs }, { flags: STEADY_HEAP });
    const ratio = ratios(cost.fetchedNs, cost.staticNs);
    return {
      data: cost,
      tables: [
        {
          columns: ["", "ns per call", "bytes per call"],
          rows: [
            ["static credentials", spread(summarize(cost.staticNs)), figure(cost.staticBytes)],
            ["fetched by a function", spread(summarize(cost.fetchedNs)), figure(cost.fetchedBytes)],
          ],
        },
      ],
      targets: [
        { wanted: "at most 1.10 × static credentials", reached: times(ratio), isMet: ratio.median <= 1.1 },
        {
          wanted: "no bytes more",
          reached: `${cost.fetchedBytes - cost.staticBytes} bytes`,
          isMet: cost.fetchedBytes <= cost.staticBytes,
          isExact: true,
        },
      ],
    };
  },
};

interface FetchedCost {
  /** ns per call of each run. */
  readonly staticNs: number[];
  readonly fetchedNs: number[];
  readonly staticBytes: number;
  readonly fetchedBytes: number;
}

/** Runs in a process of its own. */
export async function costOfFetched({ runs, runMs }: { runs: number; runMs: number }): Promise<FetchedCost> {
  const cache = new TokenCache();
  const staticSource = sourceWith({ clientId: "static", clientSecret: "secret" });
  const fetchedSource = sourceWith(async () => ({ clientId: "fetched", clientSecret: "secret" }));
  for (const source of [staticSource, fetchedSource]) await cache.getToken(source);

  // Two loops on purpose: V8 would optimize a shared one for both sources at once.
  const ofStatic: Loop = async (count) => {
    for (let left = count; left > 0; left--) await cache.getToken(staticSource);
  };
  const ofFetched: Loop = async (count) => {
    for (let left = count; left > 0; left--) await cache.getToken(fetchedSource);
  };
  const count = await countFor(ofStatic, runMs);
  await countFor(ofFetched, runMs);
  const ns = { staticNs: [] as number[], fetchedNs: [] as number[] };
  for (let run = 0; run < runs; run++) {
    ns.staticNs.push(await nsPerCall(ofStatic, count));
    ns.fetchedNs.push(await nsPerCall(ofFetched, count));
  }
  return { ...ns, staticBytes: await bytesPerCall(ofStatic), fetchedBytes: await bytesPerCall(ofFetched) };
}

type Given = Parameters<typeof readCredentials<"clientId" | "clientSecret">>[1]["credentials"];

function sourceWith(credentials: Given) {
  const fields = { clientId: { variable: "BENCH_CLIENT_ID" }, clientSecret: { variable: "BENCH_CLIENT_SECRET" } };
  return createTokenSource({
    provider: "bench",
    tokenUrl: new URL("https://tokens.example/oauth2/token"),
    policy: { softWindow: { share: 0.1 }, hardWindow: { share: 0.01 } },
    credentials: readCredentials("bench", { credentials, timeoutMs: 5_000 }, fields),
    identity: ({ clientId, clientSecret }) => [clientId, clientSecret],
    issue: async ({ clock }) => ({
      value: "t".repeat(136),
      lifetimeMs: 3_600_000,
      sentAt: { wall: clock.wall(), monotonic: clock.monotonic() },
    }),
  });
}

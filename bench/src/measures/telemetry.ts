import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { TokenCache } from "@x/token-cache-core";
import { openTelemetry } from "@x/token-cache-core/opentelemetry";
import { createTokenSource } from "@x/token-cache-core/provider";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { bytesPerCall, countFor, type Loop, nsPerCall, STEADY_HEAP } from "../processes/timed-loop.ts";
import { figure, spread } from "../report/figures.ts";
import { summarize } from "../report/statistics.ts";

/** How much more a cache hit may cost with metrics on. */
const MOST_NS = 25;

export const telemetry: Measure = {
  name: "telemetry",
  title: "A cached token with metrics on",
  explanation:
    "One call for a cached token, from a cache without and a cache with openTelemetry() and OpenTelemetry's SDK. Both run " +
    "in one process and take turns. The difference is that of the fastest turns: noise only adds, and a few ns drown in " +
    'it. What the cache without costs is measured in "A cached token".',
  isQuick: true,
  async run({ quick }) {
    const [runs, runMs] = quick ? [5, 20] : [50, 20];
    const cost = await callInChild(import.meta.url, costOfTelemetry, { runs, runMs }, { flags: STEADY_HEAP });
    const more = summarize(cost.onNs).min - summarize(cost.offNs).min;
    return {
      data: cost,
      tables: [
        {
          columns: ["", "ns per call", "bytes per call"],
          rows: [
            ["without", spread(summarize(cost.offNs)), figure(cost.offBytes)],
            ["with metrics and traces", spread(summarize(cost.onNs)), figure(cost.onBytes)],
          ],
        },
      ],
      targets: [
        { wanted: `at most ${MOST_NS} ns more`, reached: `${figure(more)} ns`, isMet: more <= MOST_NS },
        {
          wanted: "no bytes more",
          reached: `${cost.onBytes - cost.offBytes} bytes`,
          isMet: cost.onBytes <= cost.offBytes,
          isExact: true,
        },
        { wanted: "each hit is counted", reached: cost.isCounted ? "yes" : "no", isMet: cost.isCounted, isExact: true },
      ],
    };
  },
};

interface TelemetryCost {
  /** ns per call of each run. */
  readonly offNs: number[];
  readonly onNs: number[];
  readonly offBytes: number;
  readonly onBytes: number;
  readonly isCounted: boolean;
}

/** Runs in a process of its own. */
export async function costOfTelemetry({ runs, runMs }: { runs: number; runMs: number }): Promise<TelemetryCost> {
  const reader = new PullReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const source = createTokenSource({
    provider: "bench",
    tokenUrl: new URL("https://tokens.example/oauth2/token"),
    policy: { softWindow: { share: 0.1 }, hardWindow: { share: 0.01 } },
    identity: () => ["client", "secret"],
    issue: async ({ clock }) => ({
      value: "t".repeat(136),
      lifetimeMs: 3_600_000,
      sentAt: { wall: clock.wall(), monotonic: clock.monotonic() },
    }),
  });
  const withoutIt = new TokenCache();
  const withIt = new TokenCache({ telemetry: openTelemetry({ meterProvider }) });
  for (const cache of [withoutIt, withIt]) await cache.getToken(source);

  // Two loops on purpose: V8 would optimize a shared one for both caches at once.
  let calls = 0;
  const off: Loop = async (count) => {
    for (let left = count; left > 0; left--) await withoutIt.getToken(source);
  };
  const on: Loop = async (count) => {
    calls += count;
    for (let left = count; left > 0; left--) await withIt.getToken(source);
  };
  const count = await countFor(off, runMs);
  await countFor(on, runMs);
  const ns = { offNs: [] as number[], onNs: [] as number[] };
  for (let run = 0; run < runs; run++) {
    ns.offNs.push(await nsPerCall(off, count));
    ns.onNs.push(await nsPerCall(on, count));
  }
  const bytes = { offBytes: await bytesPerCall(off), onBytes: await bytesPerCall(on) };
  return { ...ns, ...bytes, isCounted: (await hitsIn(reader)) === calls };
}

class PullReader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

async function hitsIn(reader: MetricReader): Promise<unknown> {
  const { resourceMetrics } = await reader.collect();
  const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const lookups = metrics.find(({ descriptor }) => descriptor.name === "token_cache.lookups");
  const points = lookups?.dataPoints ?? [];
  return points.find(({ attributes }) => attributes["token_cache.lookup.result"] === "hit")?.value;
}

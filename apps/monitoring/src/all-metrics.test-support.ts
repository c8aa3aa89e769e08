// Makes a cache report everything, so that the exporter has each metric with each attribute.

import type { CacheReadings, TokenEvent } from "@x/token-cache-core";
import { openTelemetry } from "@x/token-cache-core/opentelemetry";
import { ManualClock } from "@x/token-cache-core/testing";
import { startExporter } from "./exporter.test-support.ts";

const provider = "naver-commerce";
const key = "naver-commerce:https://api.test:0123";
const token = { provider, key, tokenId: "0123456789abcdef", expiresAt: 0, durationMs: 100 };
const lane = { provider, lane: "GET /v1/orders" };

const events: readonly TokenEvent[] = [
  { type: "flight_started", provider, key, reason: "missing", background: false },
  { type: "issued", ...token },
  { type: "unchanged", ...token },
  { type: "adopted", ...token },
  { type: "renewal_failed", provider, key, code: "timeout", durationMs: 1, servedTokenId: undefined },
  { type: "renewal_failed", provider, key, code: "timeout", durationMs: 1, servedTokenId: token.tokenId },
  { type: "refused", provider, key, tokenId: token.tokenId },
  { type: "evicted", provider, key, tokenId: token.tokenId, reason: "capacity" },
  { type: "credentials_fetched", provider, key, outcome: "first", durationMs: 1 },
  { type: "store_failed", operation: "get", key, reason: "timeout" },
  { type: "call_waited", ...lane, waitedMs: 10, waiting: 0 },
  { type: "call_refused", ...lane, status: 429, pauseMs: 10 },
  { type: "limit_learnt", ...lane, perSecond: 1, burst: undefined, warning: "A penalty follows." },
];

const readings: CacheReadings = {
  clock: new ManualClock(),
  lookups: () => [{ provider, hits: 2, staleHits: 1 }],
  tokens: () => [{ provider, key, state: "fresh", remainingMs: 1_000, idleMs: 0 }],
  failures: () => [{ provider, key, code: "timeout", agoMs: 0, remainingMs: 0 }],
  clocks: () => [{ provider, offset: { lowerMs: 0, upperMs: 1_000 } }],
  applications: () => [{ provider, isClosed: true }],
  isStoreFailing: () => false,
};

/** The exporter's text with all metrics. */
export async function scrapeAllMetrics(): Promise<string> {
  await using exporter = await startExporter();
  const watcher = openTelemetry({ meterProvider: exporter.meterProvider }).watch(readings);
  for (const event of events) watcher.observe(event);
  const source = { provider, key, origin: "https://api.test", policy: {}, issue: () => Promise.reject() };
  const flight = watcher.flight(source as never, "missing", false);
  await flight.request(() => Promise.reject(new Error("no answer"))).catch(() => {});
  return await exporter.scrape();
}

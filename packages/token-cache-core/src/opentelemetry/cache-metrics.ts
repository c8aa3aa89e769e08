import { type BatchObservableResult, createNoopMeter, type MeterProvider } from "@opentelemetry/api";
import type { CacheReadings, LookupReading } from "../contract/telemetry.ts";
import { type Detail, EventMetrics, of } from "./event-metrics.ts";
import { ATTRIBUTE, createInstruments, type Instruments } from "./metrics.ts";
import { farthestFromZero, least, Observations, sum } from "./observations.ts";
import { quietly } from "./quietly.ts";

/** The instrumentation scope of all metrics and spans. */
export const SCOPE = "@x/token-cache-core";

/**
 * A token that no caller asks for is not renewed. Its end and an old failure of its renewal do not matter. So a token
 * or a failure counts for this long after the last use or attempt.
 */
const IN_USE_MS = 10 * 60_000;

/** The metrics of all caches that report to one meter provider, which sees them as one. */
export class CacheMetrics {
  readonly instruments: Instruments;
  readonly events: EventMetrics;
  readonly #caches = new Map<CacheReadings, Detail>();
  /** Hits of caches that are closed, by provider: a counter must not fall. */
  readonly #closed = new Map<string, LookupReading>();
  readonly #observations: Observations;

  constructor(provider: MeterProvider) {
    const meter = quietly(() => provider.getMeter(SCOPE)) ?? createNoopMeter();
    this.instruments = quietly(() => createInstruments(meter)) ?? createInstruments(createNoopMeter());
    this.events = new EventMetrics(this.instruments);
    const { lookups, tokens, remainingLifetime, failing, failingLifetime } = this.instruments;
    const { clockOffset, storeAvailable, closedLanes } = this.instruments;
    const sums = [lookups, tokens, failing, closedLanes];
    const gauges = [remainingLifetime, failingLifetime, clockOffset, storeAvailable];
    this.#observations = new Observations(
      new Map([...sums.map((each) => [each, 0] as const), ...gauges.map((each) => [each, Number.NaN] as const)]),
    );
    quietly(() => meter.addBatchObservableCallback((result) => this.#collect(result), [...sums, ...gauges]));
  }

  add(cache: CacheReadings, detail: Detail): void {
    this.#caches.set(cache, detail);
  }

  remove(cache: CacheReadings): void {
    this.#caches.delete(cache);
    for (const { provider, hits, staleHits } of cache.lookups()) {
      const before = this.#closed.get(provider) ?? { hits: 0, staleHits: 0 };
      const total = { provider, hits: before.hits + hits, staleHits: before.staleHits + staleHits };
      this.#closed.set(provider, total);
    }
  }

  #collect(result: BatchObservableResult): void {
    for (const each of this.#closed.values()) this.#observeLookups(each);
    for (const [provider, waits] of this.events.waits) this.#lookedUp(provider, "wait", waits);
    for (const [cache, detail] of this.#caches) {
      for (const each of cache.lookups()) this.#observeLookups(each);
      this.#observeTokens(cache, detail);
      this.#observeFailures(cache, detail);
      this.#observeSurroundings(cache);
    }
    this.#observations.report(result);
  }

  #observeLookups({ provider, hits, staleHits }: LookupReading): void {
    this.#lookedUp(provider, "hit", hits);
    this.#lookedUp(provider, "stale_hit", staleHits);
  }

  #lookedUp(provider: string, result: string, count: number): void {
    const attributes = { [ATTRIBUTE.provider]: provider, [ATTRIBUTE.result]: result };
    this.#observations.observe(this.instruments.lookups, attributes, count, sum);
  }

  #observeTokens(cache: CacheReadings, detail: Detail): void {
    const { tokens, remainingLifetime } = this.instruments;
    const counts = new Map<string, Record<string, number>>();
    const shortest = new Map<string, { of: { provider: string; key: string }; remainingMs: number }>();
    for (const { provider, key, state, remainingMs, idleMs } of cache.tokens()) {
      let states = counts.get(provider);
      if (states === undefined) {
        states = { fresh: 0, stale: 0, expired: 0 };
        counts.set(provider, states);
      }
      states[state] = (states[state] ?? 0) + 1;
      if (idleMs > IN_USE_MS) continue;
      const group = detail.perIdentity ? key : provider;
      const before = shortest.get(group);
      if (before === undefined || remainingMs < before.remainingMs) {
        shortest.set(group, { of: { provider, key }, remainingMs });
      }
    }
    for (const [provider, states] of counts) {
      for (const [state, count] of Object.entries(states)) {
        const attributes = { [ATTRIBUTE.provider]: provider, [ATTRIBUTE.state]: state };
        this.#observations.observe(tokens, attributes, count, sum);
      }
    }
    for (const each of shortest.values()) {
      this.#observations.observe(remainingLifetime, of(each.of, detail), each.remainingMs / 1_000, least);
    }
  }

  #observeFailures(cache: CacheReadings, detail: Detail): void {
    const { failing, failingLifetime } = this.instruments;
    for (const { provider, key, code, agoMs, remainingMs } of cache.failures()) {
      if (agoMs > IN_USE_MS) continue;
      const attributes = { ...of({ provider, key }, detail), [ATTRIBUTE.error]: code };
      this.#observations.observe(failing, attributes, 1, sum);
      this.#observations.observe(failingLifetime, attributes, remainingMs / 1_000, least);
    }
  }

  #observeSurroundings(cache: CacheReadings): void {
    const { clockOffset, storeAvailable, closedLanes } = this.instruments;
    for (const { provider, offset } of cache.clocks()) {
      const seconds = (offset.lowerMs + offset.upperMs) / 2 / 1_000;
      this.#observations.observe(clockOffset, { [ATTRIBUTE.provider]: provider }, seconds, farthestFromZero);
    }
    for (const { provider, isClosed } of cache.applications()) {
      this.#observations.observe(closedLanes, { [ATTRIBUTE.provider]: provider }, Number(isClosed), sum);
    }
    const isFailing = cache.isStoreFailing();
    if (isFailing !== undefined) this.#observations.observe(storeAvailable, {}, Number(!isFailing), least);
  }
}

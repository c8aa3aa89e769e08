/**
 * Metrics and traces of a token cache. Needs the package `@opentelemetry/api`.
 *
 * @module
 */

import { type MeterProvider, metrics, type TracerProvider, trace } from "@opentelemetry/api";
import type { CacheReadings, Telemetry } from "../contract/telemetry.ts";
import { TokenError } from "../contract/token-error.ts";
import { ownMembers } from "../own-members.ts";
import { CacheMetrics, SCOPE } from "./cache-metrics.ts";
import { type Detail, of } from "./event-metrics.ts";
import { FlightSpan } from "./flight-span.ts";
import { ATTRIBUTE } from "./metrics.ts";
import { quietly } from "./quietly.ts";

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Default: the global one. Register it before the cache is created, or nothing is measured. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Default: the global one. */
  readonly tracerProvider?: TracerProvider | undefined;
  /**
   * Adds the attribute `token_cache.identity`, the cache key, to metrics of tokens, flights and token requests, and to
   * spans. Each identity is then a time series of its own, and OpenTelemetry's SDK keeps 2,000 of a metric. Default
   * `false`.
   */
  readonly perIdentity?: boolean | undefined;
  /** Adds the attribute `token_cache.lane`, a method and route, to metrics of lanes. Default `false`. */
  readonly perLane?: boolean | undefined;
}

/** The caches of one meter provider add up, since it keeps one value of a metric and its attributes. */
const metricsByProvider = new WeakMap<MeterProvider, CacheMetrics>();

/**
 * OpenTelemetry metrics and traces, for the option `telemetry` of a `TokenCache`. Several caches may share it. Failures of
 * the SDK are logged to OpenTelemetry's `diag`, and never become a caller's.
 *
 * @example
 * ```ts
 * const cache = new TokenCache({ telemetry: openTelemetry() });
 * ```
 */
export function openTelemetry(given: OpenTelemetryOptions = {}): Telemetry {
  const options = ownMembers(given);
  checkMethod("meterProvider", options.meterProvider, "getMeter");
  checkMethod("tracerProvider", options.tracerProvider, "getTracer");
  const { tracerProvider = trace.getTracerProvider(), perIdentity = false, perLane = false } = options;
  const detail: Detail = { perIdentity, perLane };
  return {
    watch(cache) {
      const metrics = metricsOf(options.meterProvider);
      metrics.add(cache, detail);
      return watcherOf(cache, metrics, tracerProvider, detail);
    },
  };
}

function metricsOf(provider: MeterProvider = metrics.getMeterProvider()): CacheMetrics {
  let found = metricsByProvider.get(provider);
  if (found === undefined) {
    found = new CacheMetrics(provider);
    metricsByProvider.set(provider, found);
  }
  return found;
}

function watcherOf(
  cache: CacheReadings,
  metrics: CacheMetrics,
  tracerProvider: TracerProvider,
  detail: Detail,
): ReturnType<Telemetry["watch"]> {
  const tracer = quietly(() => tracerProvider.getTracer(SCOPE)) ?? trace.getTracer(SCOPE);
  return {
    observe: (event) => quietly(() => metrics.events.observe(event, detail)),
    flight: (source, reason, isBackground) => {
      const attributes = of(source, detail);
      return new FlightSpan({
        tracer,
        source,
        reason,
        isBackground,
        attributes,
        now: () => cache.clock.monotonic(),
        onRequest: (durationMs, error, active) => {
          const all = error === undefined ? attributes : { ...attributes, [ATTRIBUTE.error]: error };
          metrics.instruments.requestDuration.record(durationMs / 1_000, all, active);
        },
      });
    },
    stop: () => metrics.remove(cache),
  };
}

function checkMethod(option: string, value: unknown, method: string): void {
  if (value === undefined || typeof (value as Record<string, unknown> | null)?.[method] === "function") return;
  throw new TokenError("invalid_options", { message: `The option ${option} must be an object with ${method}().` });
}

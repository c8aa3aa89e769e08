import type { Telemetry } from "../contract/telemetry.ts";
import { TokenError } from "../contract/token-error.ts";
import type { TokenObserver } from "../contract/token-events.ts";
import type { TokenStore } from "../contract/token-store.ts";
import type { Clock } from "../time/clock.ts";

/** Options of a {@link TokenCache}; each default is right for most. */
export interface TokenCacheOptions {
  /** How many identities memory holds; those not used lately make room. Default 10,000. */
  readonly maxIdentities?: number | undefined;
  /**
   * Time limit of one flight's token requests, retries and the waits between them included, in ms. Waits before the
   * first request do not count: in line behind {@link TokenCacheOptions.maxConcurrentIssues} others, and for another
   * process's token. The latter ends after two thirds of this limit. Default 15,000.
   */
  readonly flightTimeoutMs?: number | undefined;
  /** The most token requests of one flight while the provider fails. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** The most concurrent token requests to one origin. Default 8. */
  readonly maxConcurrentIssues?: number | undefined;
  /**
   * A second level that outlives the process, or that processes share: one of them issues, the others adopt its token.
   * When the store fails, tokens are issued without it. Default: none, memory only.
   */
  readonly store?: TokenStore | undefined;
  /** Time limit of one store operation, in ms. Default 250. */
  readonly storeTimeoutMs?: number | undefined;
  /**
   * Whether callers share a flight, and a stale token is refreshed in the background. Where nothing may outlive the
   * request that began it, as on Cloudflare Workers, it is `false`. A request without a usable token in memory then
   * issues its own. A request with a stale token waits for the refresh. Default: `false` on Cloudflare Workers and in the
   * edge runtime of Next.js and Vercel, `true` elsewhere.
   */
  readonly sharedFlights?: boolean | undefined;
  /** Receives every {@link TokenEvent}. Costs each cache hit an object and a call. */
  readonly observer?: TokenObserver | undefined;
  /**
   * Metrics and traces: `openTelemetry()` of `@x/token-cache-core/opentelemetry`. Costs each cache hit a count. Default:
   * none.
   */
  readonly telemetry?: Telemetry | undefined;
  /** For tests only. */
  readonly clock?: Clock | undefined;
}

/** Fills in the defaults and checks what can be checked. */
export function checkCacheOptions(options: TokenCacheOptions) {
  if (options.telemetry !== undefined && typeof options.telemetry?.watch !== "function") {
    const message = "The option telemetry must be what openTelemetry() returns.";
    throw new TokenError("invalid_options", { message });
  }
  return {
    maxIdentities: positiveInteger("maxIdentities", options.maxIdentities ?? 10_000),
    flightTimeoutMs: positiveInteger("flightTimeoutMs", options.flightTimeoutMs ?? 15_000),
    maxAttempts: positiveInteger("maxAttempts", options.maxAttempts ?? 3),
    sharedFlights: options.sharedFlights ?? !isEdge(),
    maxConcurrentIssues: positiveInteger("maxConcurrentIssues", options.maxConcurrentIssues ?? 8),
    storeTimeoutMs: positiveInteger("storeTimeoutMs", options.storeTimeoutMs ?? 250),
  };
}

/**
 * Whether requests run side by side in one isolate that ends what a request leaves behind. Workers name themselves so with
 * every compatibility date since 2022-03-21. The edge runtime of Next.js and Vercel sets `EdgeRuntime`.
 */
function isEdge(): boolean {
  const { navigator, EdgeRuntime } = globalThis as { navigator?: { userAgent?: string }; EdgeRuntime?: unknown };
  return navigator?.userAgent === "Cloudflare-Workers" || typeof EdgeRuntime === "string";
}

function positiveInteger(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new TokenError("invalid_options", { message: `The option ${option} must be a whole number above 0.` });
}

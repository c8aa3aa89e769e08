import type { Clock } from "../time/clock.ts";
import type { ClockOffset } from "../time/server-clock.ts";
import type { TokenErrorCode } from "./token-error.ts";
import type { IssueReason, TokenEvent, TokenEventDetail } from "./token-events.ts";
import type { TokenSource } from "./token-source.ts";

/**
 * Metrics and traces of a cache: `openTelemetry()` of `@x/token-cache-core/opentelemetry` makes one. It knows more than an
 * observer, and costs a cache hit less: hits are counted, not reported.
 */
export interface Telemetry {
  /** Begins to watch a cache. Called once, when the cache is created. */
  watch(cache: CacheReadings): CacheWatcher;
}

/** What a {@link Telemetry} reads from a cache when metrics are collected. */
export interface CacheReadings {
  readonly clock: Clock;
  /** Cache hits so far, by provider. */
  lookups(): Iterable<LookupReading>;
  /** The tokens in memory. */
  tokens(): Iterable<TokenReading>;
  /** The identities whose last token request failed. */
  failures(): Iterable<FailureReading>;
  /** The provider's clocks, as far as they are known. */
  clocks(): Iterable<ClockReading>;
  /** The applications that sent API calls through lanes. */
  applications(): Iterable<ApplicationReading>;
  /** Whether the store's last operation failed; `undefined` without a store. */
  isStoreFailing(): boolean | undefined;
}

/** Cache hits of one provider's tokens. */
export interface LookupReading {
  readonly provider: string;
  /** Fresh tokens that were handed out from memory. */
  readonly hits: number;
  /** Stale tokens that were handed out from memory. */
  readonly staleHits: number;
}

/** A token in memory. */
export interface TokenReading {
  readonly provider: string;
  readonly key: string;
  readonly state: "fresh" | "stale" | "expired";
  /** Until the provider's expiry, in ms; negative after it. */
  readonly remainingMs: number;
  /** Since its last use, in ms. A use counts once a second. */
  readonly idleMs: number;
}

/** An identity whose last token request failed. */
export interface FailureReading {
  readonly provider: string;
  readonly key: string;
  readonly code: TokenErrorCode;
  /** Since the failure, in ms. */
  readonly agoMs: number;
  /** Remaining life of the token that is still served, in ms; 0: no usable token. */
  readonly remainingMs: number;
}

/** How far a provider's clock is ahead of this machine's. */
export interface ClockReading {
  readonly provider: string;
  readonly offset: ClockOffset;
}

/** The lanes of one application. */
export interface ApplicationReading {
  readonly provider: string;
  /** Whether an exhausted quota closes its lanes now. */
  readonly isClosed: boolean;
}

/** Watches one cache. */
export interface CacheWatcher {
  /** Receives every event. */
  observe(event: TokenEvent): void;
  /** A flight starts. Called in the context of the caller that starts it. */
  flight(source: TokenSource, reason: IssueReason, isBackground: boolean): FlightWatcher;
  /** The cache is closed. */
  stop(): void;
}

/** Watches one flight. */
export interface FlightWatcher {
  /** One more caller waits for the flight. Called in that caller's context. */
  joined(): void;
  /** Calls `fly` at once, and once, in the flight's own context. */
  run<T>(fly: () => Promise<T>): Promise<T>;
  /** Calls `send` at once, and once, in the context of a token request. */
  request<T>(send: () => Promise<T>): Promise<T>;
  /** What happens in this flight. */
  observe(detail: TokenEventDetail): void;
}

/**
 * For applications: the cache, its error and its events. To write a provider, see `@x/token-cache-core/provider`.
 *
 * @module
 */
export { TokenCache } from "./cache/token-cache.ts";
export type { TokenCacheOptions } from "./cache/token-cache-options.ts";
export type { AccessToken } from "./contract/access-token.ts";
export type { TurnDelay, TurnGrant, TurnRequest } from "./contract/lane-turns.ts";
export type { CallPacer } from "./contract/rate-limits.ts";
export type {
  ApplicationReading,
  CacheReadings,
  CacheWatcher,
  ClockReading,
  FailureReading,
  FlightWatcher,
  LookupReading,
  Telemetry,
  TokenReading,
} from "./contract/telemetry.ts";
export type { GetTokenOptions, TokenCacheLike } from "./contract/token-cache-like.ts";
export { TokenError, type TokenErrorCode } from "./contract/token-error.ts";
export type {
  IssueReason,
  RateLimitEvent,
  TokenEvent,
  TokenEventDetail,
  TokenObserver,
} from "./contract/token-events.ts";
export type { CredentialsOutcome } from "./contract/token-source.ts";
export type { StoreState, TokenState } from "./contract/token-state.ts";
export type {
  DeleteReason,
  FoundToken,
  KnownToken,
  Lease,
  StoreChange,
  StoredToken,
  StoreOperation,
  TokenOrLease,
  TokenStore,
  UnreadableEntry,
} from "./contract/token-store.ts";
export { oncePerProcess } from "./once-per-process.ts";
export type { Clock, Timer } from "./time/clock.ts";
export type { ClockOffset } from "./time/server-clock.ts";

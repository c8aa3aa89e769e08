export type { StoreOperation } from "./cache/circuit-breaker.ts";
export { type GetTokenOptions, TokenCache } from "./cache/token-cache.ts";
export type { TokenCacheOptions } from "./cache/token-cache-options.ts";
export { AccessToken, type AccessTokenInit, tokenId } from "./contract/access-token.ts";
export type { RenewalPolicy, Span } from "./contract/renewal-policy.ts";
export { TokenError, type TokenErrorCode, type TokenErrorInit } from "./contract/token-error.ts";
export type { IssueReason, TokenEvent, TokenEventDetail, TokenObserver } from "./contract/token-events.ts";
export type { IssueContext, IssuedToken, TokenSource } from "./contract/token-source.ts";
export type {
  FoundToken,
  Lease,
  StoreChange,
  StoredToken,
  TokenStore,
  UnreadableEntry,
} from "./contract/token-store.ts";
export { type ApiAnswer, type AuthenticatedFetchOptions, createAuthenticatedFetch } from "./fetch/index.ts";
export { createTokenSource, type TokenSourceInit, tokenKey } from "./provider/create-token-source.ts";
export { checkString, checkUrl, credential, invalidOption } from "./provider/options.ts";
export {
  type CheckedAuthOptions,
  checkAuthOptions,
  createTokenAuth,
  type TokenAuth,
  type TokenAuthOptions,
} from "./provider/token-auth.ts";
export { exchangeToken, type TokenAnswer, type TokenExchange, type TokenRequest } from "./provider/token-exchange.ts";
export { retryAfterMs } from "./time/backoff.ts";
export { type Clock, type Instant, instant, type Timer } from "./time/clock.ts";
export type { ClockOffset, ServerClock, ServerTimeReading } from "./time/server-clock.ts";

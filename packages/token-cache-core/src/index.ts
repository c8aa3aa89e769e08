export { AccessToken, type AccessTokenInit, tokenId } from "./access-token.ts";
export { retryAfterMs } from "./backoff.ts";
export { type Clock, type Instant, instant, type Timer } from "./clock.ts";
export { type ApiAnswer, type AuthenticatedFetchOptions, createAuthenticatedFetch } from "./fetch/index.ts";
export type { StoreOperation } from "./guarded-store.ts";
export { checkString, checkUrl, credential, invalidOption } from "./provider-options.ts";
export type { RenewalPolicy, Span } from "./renewal-policy.ts";
export type { ClockOffset, ServerClock, ServerTimeReading } from "./server-clock.ts";
export {
  type CheckedAuthOptions,
  checkAuthOptions,
  createTokenAuth,
  type TokenAuth,
  type TokenAuthOptions,
} from "./token-auth.ts";
export { type GetTokenOptions, TokenCache } from "./token-cache.ts";
export type { TokenCacheOptions } from "./token-cache-options.ts";
export { TokenError, type TokenErrorCode, type TokenErrorInit } from "./token-error.ts";
export type { IssueReason, TokenEvent, TokenEventDetail, TokenObserver } from "./token-events.ts";
export { exchangeToken, type TokenAnswer, type TokenExchange, type TokenRequest } from "./token-exchange.ts";
export {
  createTokenSource,
  type IssueContext,
  type IssuedToken,
  type TokenSource,
  type TokenSourceInit,
  tokenKey,
} from "./token-source.ts";
export type { FoundToken, Lease, StoreChange, StoredToken, TokenStore, UnreadableEntry } from "./token-store.ts";

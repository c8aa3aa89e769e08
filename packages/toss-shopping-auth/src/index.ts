export {
  type AccessToken,
  type GetTokenOptions,
  oncePerProcess,
  TokenCache,
  type TokenCacheLike,
  type TokenCacheOptions,
  TokenError,
  type TokenErrorCode,
  type TokenEvent,
  type TokenObserver,
} from "@x/token-cache-core";
export type {
  AuthCheck,
  AuthCheckOptions,
  CredentialsFunction,
  CredentialsRequest,
  TokenSource,
} from "@x/token-cache-core/provider";
export type { KyInstance } from "ky";
export { TossApiError, tossResult } from "./api-result.ts";
export { createTossShoppingAuth, type TossShoppingAuth } from "./auth.ts";
export type { TossShoppingAuthOptions, TossShoppingCredentials } from "./options.ts";

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
export {
  NaverApiError,
  type NaverRateLimit,
  naverRateLimit,
  naverResult,
} from "./api-result.ts";
export { createNaverCommerceAuth, type NaverCommerceAuth } from "./auth.ts";
export type {
  BcryptHash,
  NaverApplication,
  NaverApplicationOptions,
  NaverCommerceAuthOptions,
  NaverSelfOptions,
  NaverSellerOptions,
} from "./options.ts";
export type { NaverInvalidInput } from "./schemas.ts";

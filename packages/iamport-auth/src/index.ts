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
export { IamportApiError, iamportResult } from "./api-result.ts";
export { createIamportAuth, type IamportAuth } from "./auth.ts";
export type { IamportAuthOptions, IamportCredentials } from "./options.ts";

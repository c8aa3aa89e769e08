/**
 * To write a provider: a token source, the token request, an authenticated `fetch`, and checks of options.
 *
 * @module
 */

export type { ApiAnswer } from "../contract/api-answer.ts";
export type { RenewalPolicy, Span } from "../contract/renewal-policy.ts";
export type { TokenErrorInit } from "../contract/token-error.ts";
export type {
  CredentialRotation,
  CredentialsOutcome,
  IssueContext,
  IssuedToken,
  RotationContext,
  TokenSource,
} from "../contract/token-source.ts";
export type { StoreState, TokenState } from "../contract/token-state.ts";
export type {
  CredentialField,
  CredentialFields,
  Credentials,
} from "../credentials/credential-fields.ts";
export type { CredentialsFunction, CredentialsRequest } from "../credentials/credentials-function.ts";
export { type CredentialsOptions, type ProviderCredentials, readCredentials } from "../credentials/read-credentials.ts";
export {
  type AuthenticatedFetchOptions,
  type CallPacing,
  createAuthenticatedFetch,
} from "../fetch/authenticated-fetch.ts";
export { redactedText } from "../fetch/redaction.ts";
export { checkHeaderValue, checkString, checkUrl, pathPart } from "../options/checks.ts";
export { credential } from "../options/credential.ts";
export { emulatedOptions, type ProviderOnEmulator } from "../options/emulator.ts";
export { invalidOption } from "../options/invalid-option.ts";
export type { ApplicationLimits } from "../rate-limit/lane-owner.ts";
export { retryAfterMs } from "../time/backoff.ts";
export { elapsedMs, type Instant, instant, nextMacrotask } from "../time/clock.ts";
export type { ServerClock, ServerTimeReading } from "../time/server-clock.ts";
export type { AuthCheck, AuthCheckOptions, CredentialsState } from "./auth-check.ts";
export { createTokenSource, type TokenSourceInit } from "./create-token-source.ts";
export {
  type ApiClientOptions,
  createProviderAuth,
  type ProviderAuth,
  type ProviderInit,
  type ProviderLimits,
  type ProviderOptions,
} from "./provider-auth.ts";
export {
  type CheckedAuthOptions,
  checkAuthOptions,
  createTokenAuth,
  type RateLimitOptions,
  type TokenAuth,
  type TokenAuthOptions,
} from "./token-auth.ts";
export { exchangeToken, type TokenAnswer, type TokenExchange, type TokenRequest } from "./token-exchange.ts";

import type { ApiAnswer } from "../contract/api-answer.ts";
import type { PacingOptions, RateLimitRules } from "../contract/rate-limits.ts";
import type { IssueContext, IssuedToken } from "../contract/token-source.ts";
import type { ProviderCredentials } from "../credentials/read-credentials.ts";
import { createAuthenticatedFetch } from "../fetch/authenticated-fetch.ts";
import { emulatedFetch, type ProviderOnEmulator } from "../options/emulator.ts";
import { ownMembers } from "../own-members.ts";
import { apiRetry, apiTimeoutMs } from "./api-retry.ts";
import { createTokenSource, type TokenSourceInit } from "./create-token-source.ts";
import { createTokenAuth, type TokenAuth, type TokenAuthOptions } from "./token-auth.ts";
import { exchangeToken, type TokenAnswer, type TokenRequest } from "./token-exchange.ts";

/** A provider: what {@link createProviderAuth} makes a client from. */
export interface ProviderInit<C> extends Pick<TokenSourceInit<C>, "provider" | "policy" | "identity"> {
  /** The options after their checks. */
  readonly options: ProviderOptions<C>;
  /**
   * Gets a token: `exchange` sends a token request to the token URL. See {@link exchangeToken}.
   *
   * @throws TokenError
   */
  issue(
    context: IssueContext,
    credentials: C,
    exchange: (request: TokenRequest) => Promise<TokenAnswer>,
  ): Promise<IssuedToken>;
  /** Whether an answer says that the token is bad, so that another one may help. */
  isRefused(answer: ApiAnswer): boolean | Promise<boolean>;
  /** What the provider counts API calls and token requests by. Default: they wait for no rate limit. */
  readonly rateLimit?: ProviderLimits<C> | undefined;
  /** Headers for every API call that does not set them itself. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For a provider that the emulator plays. `fetch` then also takes the real API's URLs. */
  readonly emulator?: Pick<ProviderOnEmulator<unknown>, "realApiBaseUrls"> | undefined;
}

/** A provider's options after their checks: see {@link checkAuthOptions}, {@link checkUrl}, {@link readCredentials}. */
export interface ProviderOptions<C> extends Omit<TokenAuthOptions, "timeoutMs" | "rateLimit"> {
  /** Receives the token requests, and so the credentials. */
  readonly tokenUrl: URL;
  /** The token is sent to this URL's origin only. */
  readonly apiBaseUrl: URL;
  readonly credentials: ProviderCredentials<C>;
  /** Time limit of one token request, in ms. */
  readonly timeoutMs: number;
  readonly rateLimit: PacingOptions | false;
}

/** A provider's rate limits. */
export interface ProviderLimits<C> {
  readonly rules: RateLimitRules;
  /** What the provider counts by: its name for the application, such as the client id. It is hashed. */
  application(credentials: C): string;
}

/** A provider's client. */
export interface ProviderAuth {
  readonly auth: TokenAuth & {
    /** A standard `fetch` that adds the token. It sends to the API's origin only. */
    readonly fetch: typeof globalThis.fetch;
  };
  /** Options of an HTTP client on the API's base URL, for instance for `ky.create(api)`. */
  readonly api: ApiClientOptions;
}

/** Options of an HTTP client on top of an authenticated `fetch`, by the names that ky gives them. */
export interface ApiClientOptions {
  /** The API's base URL. */
  readonly prefix: string;
  /** Adds the token. */
  readonly fetch: typeof globalThis.fetch;
  /** Reads only, twice, after a transient error. */
  readonly retry: ReturnType<typeof apiRetry>;
  /** In ms. The wait for a turn does not count. */
  readonly timeout: number;
}

/** Joins a provider's parts to the object that an application keeps. */
export function createProviderAuth<C>(init: ProviderInit<C>): ProviderAuth {
  const {
    provider,
    policy,
    identity,
    issue,
    isRefused,
    rateLimit: limits,
    headers,
    emulator,
    options,
  } = ownMembers(init);
  const { tokenUrl, apiBaseUrl, credentials, fetch, timeoutMs, rateLimit: pacing } = options;
  const rateLimit =
    pacing && limits
      ? { ...pacing, rules: limits.rules, application: () => limits.application(credentials.current()) }
      : undefined;

  const source = createTokenSource({
    provider,
    tokenUrl,
    policy,
    rateLimit,
    credentials,
    identity,
    issue: (context, known) =>
      issue(context, known, (request) => exchangeToken({ provider, tokenUrl, request, fetch, timeoutMs }, context)),
  });
  const auth = createTokenAuth(source, options);
  const authenticatedFetch = createAuthenticatedFetch({
    cache: auth.cache,
    source,
    allowedOrigins: [apiBaseUrl.origin],
    isRefused,
    fetch,
    headers,
    rateLimit,
  });
  return {
    auth: {
      ...auth,
      fetch: emulator ? emulatedFetch(provider, authenticatedFetch, apiBaseUrl, emulator) : authenticatedFetch,
    },
    api: {
      prefix: apiBaseUrl.href,
      fetch: authenticatedFetch,
      retry: apiRetry(),
      timeout: apiTimeoutMs(rateLimit ?? false),
    },
  };
}

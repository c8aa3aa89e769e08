import {
  apiRetry,
  apiTimeoutMs,
  createAuthenticatedFetch,
  createTokenAuth,
  createTokenSource,
  emulatedFetch,
  exchangeToken,
  type TokenAuth,
} from "@x/token-cache-core/provider";
import ky, { type KyInstance } from "ky";
import { asTossApiError } from "./api-result.ts";
import { EMULATOR, PROVIDER, readOptions, type TossShoppingAuthOptions } from "./options.ts";
import { rateLimits } from "./rate-limits.ts";
import { isRefused } from "./refusal.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** A seller's access tokens for the Toss Shopping API. */
export interface TossShoppingAuth extends TokenAuth {
  /** A standard `fetch` that adds the seller's token. It sends to the API's origin only. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * A ky client on the API's base URL, solution code included: `toss.api.get("products/categories/children")`. A failed
   * call rejects with a {@link TossApiError}. Read the others with {@link tossResult}.
   *
   * @throws TokenError `invalid_options` if the solution code is missing
   */
  readonly api: KyInstance;
}

/**
 * Access tokens for the Toss Shopping API: issued at the first call, shared by all callers, renewed before they expire.
 *
 * @example
 * ```ts
 * const toss = createTossShoppingAuth({ accessKey, secretKey, solutionCode });
 * const categories = await tossResult(toss.api.get("products/categories/children"));
 * ```
 * @throws TokenError `invalid_options`, which names the wrong option
 */
export function createTossShoppingAuth(given: TossShoppingAuthOptions = {}): TossShoppingAuth {
  const options = readOptions(given);
  const { tokenUrl, apiBaseUrl, scope, credentials, solutionPath, fetch, timeoutMs, rateLimit } = options;
  const pacing = rateLimit
    ? { ...rateLimit, rules: rateLimits, application: () => credentials.current().accessKey }
    : undefined;
  const source = createTokenSource({
    provider: PROVIDER,
    tokenUrl,
    policy: renewalPolicy,
    rateLimit: pacing,
    credentials,
    identity: ({ accessKey, secretKey }) => [accessKey, secretKey, scope],
    async issue(context, keys) {
      const request = buildTokenRequest(keys, scope);
      return parseTokenAnswer(
        await exchangeToken({ provider: PROVIDER, tokenUrl, request, fetch, timeoutMs }, context),
      );
    },
  });

  const auth = createTokenAuth(source, options);
  const allowedOrigins = [apiBaseUrl.origin];
  const authenticatedFetch = createAuthenticatedFetch({
    cache: auth.cache,
    source,
    allowedOrigins,
    isRefused,
    fetch,
    rateLimit: pacing,
  });
  let api: KyInstance | undefined;
  return {
    ...auth,
    fetch: emulatedFetch(PROVIDER, authenticatedFetch, apiBaseUrl, EMULATOR),
    get api() {
      api ??= ky.create({
        prefix: `${apiBaseUrl.href}/${solutionPath()}`,
        fetch: authenticatedFetch,
        retry: apiRetry(),
        timeout: apiTimeoutMs(rateLimit),
        hooks: { beforeError: [({ error }) => asTossApiError(error)] },
      });
      return api;
    },
  };
}

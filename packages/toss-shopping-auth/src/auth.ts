import {
  apiRetry,
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
import { isRefused } from "./refusal.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** A seller's access tokens for the Toss Shopping API. */
export interface TossShoppingAuth extends TokenAuth {
  /** The platform's `fetch` with the seller's token on it, for URLs of the API's host only. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * A ky client on the API's base URL, solution code included: `toss.api.get("products/categories/children")`. Calls
   * that fail end with a {@link TossApiError}; read the others with {@link tossResult}.
   *
   * @throws TokenError `invalid_options` where the solution code is missing
   */
  readonly api: KyInstance;
}

/**
 * Access tokens for the Toss Shopping API: issued when first needed, shared by all callers, renewed before they expire.
 *
 * @example
 * ```ts
 * const toss = createTossShoppingAuth({ accessKey, secretKey, solutionCode });
 * const categories = await tossResult(toss.api.get("products/categories/children"));
 * ```
 * @throws TokenError `invalid_options` naming the option that is wrong
 */
export function createTossShoppingAuth(given: TossShoppingAuthOptions = {}): TossShoppingAuth {
  const options = readOptions(given);
  const { tokenUrl, apiBaseUrl, scope, credentials, solutionPath, fetch, timeoutMs } = options;
  const source = createTokenSource({
    provider: PROVIDER,
    tokenUrl,
    policy: renewalPolicy,
    identity() {
      const { accessKey, secretKey } = credentials();
      return [accessKey, secretKey, scope];
    },
    async issue(context) {
      const request = buildTokenRequest(credentials(), scope);
      return parseTokenAnswer(
        await exchangeToken({ provider: PROVIDER, tokenUrl, request, fetch, timeoutMs }, context),
      );
    },
  });

  const auth = createTokenAuth(source, options);
  const allowedOrigins = [apiBaseUrl.origin];
  const authenticatedFetch = createAuthenticatedFetch({ cache: auth.cache, source, allowedOrigins, isRefused, fetch });
  let api: KyInstance | undefined;
  return {
    ...auth,
    fetch: emulatedFetch(PROVIDER, authenticatedFetch, apiBaseUrl, EMULATOR),
    get api() {
      api ??= ky.create({
        prefix: `${apiBaseUrl.href}/${solutionPath()}`,
        fetch: authenticatedFetch,
        retry: apiRetry(),
        hooks: { beforeError: [({ error }) => asTossApiError(error)] },
      });
      return api;
    },
  };
}

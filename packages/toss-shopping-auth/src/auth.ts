import { createProviderAuth, type TokenAuth } from "@x/token-cache-core/provider";
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
  const { scope, solutionPath } = options;
  const { auth, api: clientOptions } = createProviderAuth({
    provider: PROVIDER,
    options,
    policy: renewalPolicy,
    rateLimit: { rules: rateLimits, application: ({ accessKey }) => accessKey },
    identity: ({ accessKey, secretKey }) => [accessKey, secretKey, scope],
    issue: async (_, keys, exchange) => parseTokenAnswer(await exchange(buildTokenRequest(keys, scope))),
    isRefused,
    emulator: EMULATOR,
  });
  let api: KyInstance | undefined;
  return {
    ...auth,
    get api() {
      api ??= ky.create({
        ...clientOptions,
        prefix: `${clientOptions.prefix}/${solutionPath()}`,
        hooks: { beforeError: [({ error }) => asTossApiError(error)] },
      });
      return api;
    },
  };
}

import { createProviderAuth, type TokenAuth } from "@x/token-cache-core/provider";
import ky, { type KyInstance } from "ky";
import { asIamportApiError } from "./api-result.ts";
import { EMULATOR, type IamportAuthOptions, PROVIDER, readOptions } from "./options.ts";
import { rateLimits } from "./rate-limits.ts";
import { isRefused } from "./refusal.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** Access tokens for the iamport (PortOne V1) REST API. */
export interface IamportAuth extends TokenAuth {
  /** A standard `fetch` that adds the token, and the `Tier` header if the option is set. It sends to the API's origin only. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * A ky client on the API's base URL: `iamport.api.get("payments/imp_448280090638")`. A failed call rejects with an
   * {@link IamportApiError}. Read the others with {@link iamportResult}.
   */
  readonly api: KyInstance;
}

/**
 * Access tokens for the iamport (PortOne V1) REST API: issued at the first call, shared by all callers, renewed before
 * they expire.
 *
 * @example
 * ```ts
 * const iamport = createIamportAuth({ impKey, impSecret });
 * const payment = await iamportResult(iamport.api.get("payments/imp_448280090638"));
 * ```
 * @throws TokenError `invalid_options`, which names the wrong option
 */
export function createIamportAuth(given: IamportAuthOptions = {}): IamportAuth {
  const options = readOptions(given);
  const { tier } = options;
  const { auth, api } = createProviderAuth({
    provider: PROVIDER,
    options,
    policy: renewalPolicy,
    rateLimit: { rules: rateLimits, application: ({ impKey }) => impKey },
    identity: ({ impKey, impSecret }) => [impKey, impSecret],
    async issue({ serverClock }, keys, exchange) {
      const answer = await exchange(buildTokenRequest(keys));
      const { serverTimeMs, ...issued } = await parseTokenAnswer(answer);
      const { sentAt, receivedAt } = answer;
      serverClock.learn({ serverTimeMs, sentAt, receivedAt });
      return issued;
    },
    isRefused,
    headers: tier === undefined ? {} : { Tier: tier },
    emulator: EMULATOR,
  });
  return { ...auth, api: ky.create({ ...api, hooks: { beforeError: [({ error }) => asIamportApiError(error)] } }) };
}

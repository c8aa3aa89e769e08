import { TokenError } from "@x/token-cache-core";
import { createProviderAuth, instant, type TokenAuth } from "@x/token-cache-core/provider";
import ky, { type KyInstance } from "ky";
import { asNaverApiError } from "./api-result.ts";
import { EMULATOR, type NaverCommerceAuthOptions, PROVIDER, readOptions } from "./options.ts";
import { rateLimits } from "./rate-limits.ts";
import { isRefused } from "./refusal.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { type Signature, signaturesOf } from "./signature.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** Access tokens for the Naver Commerce API, of an application itself or of one seller. */
export interface NaverCommerceAuth extends TokenAuth {
  /** A standard `fetch` that adds the token. It sends to the API's origin only. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * A ky client on the API's base URL: `naver.api.get("v1/seller/account")`. A failed call rejects with a
   * {@link NaverApiError}. Read the others with {@link naverResult}.
   */
  readonly api: KyInstance;
}

/**
 * Access tokens for the Naver Commerce API. The first call issues one, signed when it is sent. All callers share it,
 * and it is renewed before it expires.
 *
 * @example
 * ```ts
 * const naver = createNaverCommerceAuth({ clientId, clientSecret });
 * const seller = createNaverCommerceAuth({ clientId, clientSecret, type: "SELLER", accountId });
 * const account = await naverResult(seller.api.get("v1/seller/account"));
 * ```
 * @throws TokenError `invalid_options`, which names the wrong option
 */
export function createNaverCommerceAuth(given: NaverCommerceAuthOptions = {}): NaverCommerceAuth {
  const options = readOptions(given);
  const { type, accountId, bcryptHash } = options;
  const { auth, api } = createProviderAuth({
    provider: PROVIDER,
    options,
    policy: renewalPolicy,
    rateLimit: { rules: rateLimits, application: ({ clientId }) => clientId },
    identity: ({ clientId, clientSecret }) => [clientId, clientSecret, type, accountId()],
    async issue(context, application, exchange) {
      const signatures = signaturesOf(context);
      const sign = () => signatures.sign(application, context, bcryptHash);
      const requestToken = async (signature: Signature) =>
        parseTokenAnswer(await exchange(buildTokenRequest(application.clientId, signature, type, accountId())));
      const signature = sign();
      try {
        return await requestToken(await signature);
      } catch (error) {
        const isClockRefusal = TokenError.is(error) && error.code === "clock_skew";
        // The refusal's `Date` header gives Naver's time. Sign again, once.
        if (!isClockRefusal || context.serverClock.offset(instant(context.clock)) === undefined) throw error;
        signatures.discard(application, signature);
        return await requestToken(await sign());
      }
    },
    isRefused,
    emulator: EMULATOR,
  });
  return { ...auth, api: ky.create({ ...api, hooks: { beforeError: [({ error }) => asNaverApiError(error)] } }) };
}

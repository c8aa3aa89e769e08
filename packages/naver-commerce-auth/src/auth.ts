import { TokenError } from "@x/token-cache-core";
import {
  apiRetry,
  apiTimeoutMs,
  createAuthenticatedFetch,
  createTokenAuth,
  createTokenSource,
  emulatedFetch,
  exchangeToken,
  type IssueContext,
  instant,
  type TokenAuth,
} from "@x/token-cache-core/provider";
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
  const { tokenUrl, apiBaseUrl, type, credentials, accountId, bcryptHash, fetch, timeoutMs, rateLimit } = options;

  async function requestToken(clientId: string, signature: Signature, context: IssueContext) {
    const request = buildTokenRequest(clientId, signature, type, accountId());
    return parseTokenAnswer(await exchangeToken({ provider: PROVIDER, tokenUrl, request, fetch, timeoutMs }, context));
  }

  const pacing = rateLimit
    ? { ...rateLimit, rules: rateLimits, application: () => credentials.current().clientId }
    : undefined;
  const source = createTokenSource({
    provider: PROVIDER,
    tokenUrl,
    policy: renewalPolicy,
    rateLimit: pacing,
    credentials,
    identity: ({ clientId, clientSecret }) => [clientId, clientSecret, type, accountId()],
    async issue(context, application) {
      const { clientId } = application;
      const signatures = signaturesOf(context);
      const sign = () => signatures.sign(application, context, bcryptHash);
      const signature = sign();
      try {
        return await requestToken(clientId, await signature, context);
      } catch (error) {
        const isClockRefusal = TokenError.is(error) && error.code === "clock_skew";
        // The refusal's `Date` header gives Naver's time. Sign again, once.
        if (!isClockRefusal || context.serverClock.offset(instant(context.clock)) === undefined) throw error;
        signatures.discard(application, signature);
        return await requestToken(clientId, await sign(), context);
      }
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
  const api = ky.create({
    prefix: apiBaseUrl.href,
    fetch: authenticatedFetch,
    retry: apiRetry(),
    timeout: apiTimeoutMs(rateLimit),
    hooks: { beforeError: [({ error }) => asNaverApiError(error)] },
  });
  return { ...auth, fetch: emulatedFetch(PROVIDER, authenticatedFetch, apiBaseUrl, EMULATOR), api };
}

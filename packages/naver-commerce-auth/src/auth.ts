import {
  createTokenAuth,
  createTokenSource,
  exchangeToken,
  type IssueContext,
  instant,
  type TokenAuth,
  TokenError,
} from "@x/token-cache-core";
import { type NaverCommerceAuthOptions, PROVIDER, readOptions } from "./options.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { signaturesAt } from "./signature.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** Access tokens for the Naver Commerce API, of an application itself or of one seller. */
export type NaverCommerceAuth = TokenAuth;

/**
 * Access tokens for the Naver Commerce API: signed at the moment of sending, issued when first needed, shared by all
 * callers, renewed before they expire.
 *
 * @example
 * ```ts
 * const naver = createNaverCommerceAuth({ clientId, clientSecret });
 * const seller = createNaverCommerceAuth({ clientId, clientSecret, type: "SELLER", accountId });
 * const token = await naver.getToken();
 * ```
 * @throws TokenError `invalid_options` naming the option that is wrong
 */
export function createNaverCommerceAuth(options: NaverCommerceAuthOptions = {}): NaverCommerceAuth {
  const { tokenUrl, type, application, accountId, bcryptHash, fetch, timeoutMs } = readOptions(options);

  async function requestToken(context: IssueContext) {
    const { default: ky } = await import("ky");
    const signature = await signaturesAt(context.serverClock).sign(application(), context.clock, bcryptHash);
    const request = buildTokenRequest(application().clientId, signature, type, accountId());
    const send = (signal: AbortSignal) =>
      ky.post(tokenUrl, {
        ...request,
        fetch,
        signal,
        redirect: "manual",
        retry: 0,
        timeout: false,
        throwHttpErrors: false,
      });
    return parseTokenAnswer(await exchangeToken({ provider: PROVIDER, timeoutMs, send }, context));
  }

  const source = createTokenSource({
    provider: PROVIDER,
    tokenUrl,
    policy: renewalPolicy,
    identity() {
      const { clientId, clientSecret } = application();
      return [clientId, clientSecret, type, accountId()];
    },
    async issue(context) {
      try {
        return await requestToken(context);
      } catch (error) {
        const isClockRefusal = TokenError.is(error) && error.code === "clock_skew";
        // The refusal itself said what time it is at Naver, if it carried a date: sign again by that, once.
        if (!isClockRefusal || context.serverClock.offset(instant(context.clock)) === undefined) throw error;
        signaturesAt(context.serverClock).discard(application());
        return await requestToken(context);
      }
    },
  });
  return createTokenAuth(source, options);
}

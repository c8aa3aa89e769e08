import { createTokenAuth, createTokenSource, exchangeToken, type TokenAuth } from "@x/token-cache-core";
import { PROVIDER, readOptions, type TossShoppingAuthOptions } from "./options.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** A seller's access tokens for the Toss Shopping API. */
export type TossShoppingAuth = TokenAuth;

/**
 * Access tokens for the Toss Shopping API: issued when first needed, shared by all callers, renewed before they expire.
 *
 * @example
 * ```ts
 * const toss = createTossShoppingAuth({ accessKey, secretKey });
 * const token = await toss.getToken();
 * ```
 * @throws TokenError `invalid_options` naming the option that is wrong
 */
export function createTossShoppingAuth(options: TossShoppingAuthOptions = {}): TossShoppingAuth {
  const { tokenUrl, scope, credentials, fetch, timeoutMs } = readOptions(options);
  const source = createTokenSource({
    provider: PROVIDER,
    tokenUrl,
    policy: renewalPolicy,
    identity() {
      const { accessKey, secretKey } = credentials();
      return [accessKey, secretKey, scope];
    },
    async issue(context) {
      const { default: ky } = await import("ky");
      const request = buildTokenRequest(credentials(), scope);
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
    },
  });
  return createTokenAuth(source, options);
}

import { createTokenAuth, createTokenSource, exchangeToken, type TokenAuth } from "@x/token-cache-core";
import { type IamportAuthOptions, PROVIDER, readOptions } from "./options.ts";
import { renewalPolicy } from "./renewal-policy.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

/** Access tokens for the iamport (PortOne V1) REST API. */
export type IamportAuth = TokenAuth;

/**
 * Access tokens for the iamport (PortOne V1) REST API: issued when first needed, shared by all callers, renewed before
 * they expire.
 *
 * @example
 * ```ts
 * const iamport = createIamportAuth({ impKey, impSecret });
 * const token = await iamport.getToken();
 * ```
 * @throws TokenError `invalid_options` naming the option that is wrong
 */
export function createIamportAuth(options: IamportAuthOptions = {}): IamportAuth {
  const { tokenUrl, credentials, fetch, timeoutMs } = readOptions(options);
  const source = createTokenSource({
    provider: PROVIDER,
    tokenUrl,
    policy: renewalPolicy,
    identity() {
      const { impKey, impSecret } = credentials();
      return [impKey, impSecret];
    },
    async issue(context) {
      const { default: ky } = await import("ky");
      const request = buildTokenRequest(credentials());
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
      const answer = await exchangeToken({ provider: PROVIDER, timeoutMs, send }, context);
      const { serverTimeMs, ...issued } = parseTokenAnswer(answer);
      const { sentAt, receivedAt } = answer;
      context.serverClock.learn({ serverTimeMs, sentAt, receivedAt });
      return issued;
    },
  });
  return createTokenAuth(source, options);
}

import { type Connect, field } from "./token-client.ts";
import { MARGIN_SECONDS, type PlainToken, requestToken } from "./token-request.ts";

/** The fifteen lines that an application writes without a library: an expiry check and a single flight. */
export const connect: Connect = (endpoint) => {
  let token: PlainToken | undefined;
  let expiresAt = 0;
  let pending: Promise<PlainToken> | undefined;

  async function getToken(): Promise<PlainToken> {
    if (token !== undefined && Date.now() < expiresAt) return token;
    pending ??= requestToken(endpoint)
      .then((issued) => {
        expiresAt = Date.now() + (issued.expires_in - MARGIN_SECONDS) * 1_000;
        token = issued;
        return issued;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  }

  return { getToken, valueOf: field("access_token") };
};

import { type Contender, type Endpoint, field } from "./contender.ts";
import { MARGIN_SECONDS, type PlainToken, requestToken } from "./plain-request.ts";

/** The fifteen lines that are written where no library is used: an expiry check and a promise in flight. */
export const contender: Contender = {
  keepsTokens: true,
  connect: (endpoint) => ({ getToken: handWritten(endpoint), valueOf: field("access_token") }),
};

function handWritten(endpoint: Endpoint): () => Promise<PlainToken> {
  let token: PlainToken | undefined;
  let expiresAt = 0;
  let pending: Promise<PlainToken> | undefined;
  return async () => {
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
  };
}

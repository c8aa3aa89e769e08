// Tests a provider's `parseTokenAnswer` by tables of answers, without a server.

import { TokenError } from "@x/token-cache-core";
import type { IssuedToken, TokenAnswer } from "@x/token-cache-core/provider";

/** The moment at which the answers' requests were sent. */
export const SENT_AT = { wall: 1_794_713_600_123, monotonic: 5_000 };

interface Head {
  status?: number;
  headers?: Record<string, string>;
}

/** `judged` parses an answer with this body; `errorOf` gives the error that the parsing throws. */
export function judging<Issued extends IssuedToken>(parse: (answer: TokenAnswer) => Promise<Issued>) {
  const judged = (body: unknown, { status = 200, headers = {} }: Head = {}) =>
    parse({ status, headers: new Headers(headers), body, sentAt: SENT_AT, receivedAt: SENT_AT });

  async function errorOf(body: unknown, head?: Head): Promise<TokenError> {
    try {
      await judged(body, head);
    } catch (error) {
      if (TokenError.is(error)) return error;
      throw error;
    }
    throw new Error("the answer was taken for a token");
  }
  return { judged, errorOf };
}

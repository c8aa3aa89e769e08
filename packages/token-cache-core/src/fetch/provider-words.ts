import type { AccessToken } from "../contract/access-token.ts";

/** The token that each answer was asked for with. It lives as long as the answer. */
const tokens = new WeakMap<Response, AccessToken>();

export function rememberToken(response: Response, token: AccessToken): void {
  tokens.set(response, token);
}

/** Ample for a sentence; a gateway's HTML page is cut. */
const MOST_CHARACTERS = 500;

/**
 * The provider's own words from an API answer, fit for an error: without the token that the call was sent with, and of
 * 500 characters at most.
 */
export function providerWords(response: Response, text: string | null | undefined): string | undefined {
  if (text == null) return undefined;
  const token = tokens.get(response)?.value;
  const redacted = token === undefined ? text : redact(text, token);
  return redacted.length <= MOST_CHARACTERS ? redacted : `${redacted.slice(0, MOST_CHARACTERS)}…`;
}

function redact(text: string, token: string): string {
  return [token, encodeURIComponent(token)].reduce((left, each) => left.replaceAll(each, "[redacted]"), text);
}

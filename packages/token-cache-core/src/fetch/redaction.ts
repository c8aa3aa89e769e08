import type { AccessToken } from "../contract/access-token.ts";

/** The token that each response's request carried. An entry lives as long as its response. */
const tokens = new WeakMap<Response, AccessToken>();

export function rememberToken(response: Response, token: AccessToken): void {
  tokens.set(response, token);
}

/** Enough for a sentence. A gateway's HTML page is cut. */
const MOST_CHARACTERS = 500;

/**
 * Redacts the provider's own text for an error. Removes the token that the call carried, and keeps at most 500
 * characters.
 */
export function redactedText(response: Response, text: string | null | undefined): string | undefined {
  if (text == null) return undefined;
  const token = tokens.get(response)?.value;
  const redacted = token === undefined ? text : redact(text, token);
  return redacted.length <= MOST_CHARACTERS ? redacted : `${redacted.slice(0, MOST_CHARACTERS)}…`;
}

function redact(text: string, token: string): string {
  return [token, encodeURIComponent(token)].reduce((left, each) => left.replaceAll(each, "[redacted]"), text);
}

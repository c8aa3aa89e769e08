import type { IssuedToken } from "./token-source.ts";

/** The characters of an `Authorization` header's value: no spaces, no line ends (RFC 9110, 5.5). */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** An authentication scheme (RFC 9110, 5.6.2). */
const TOKEN_TYPE = /^[\w!#$%&'*+.^`|~-]{1,64}$/;

/** Servers refuse headers of some 8 to 16 KiB. */
const LONGEST_VALUE = 8_192;

/** A longer lifetime is a provider's mistake of units: no token lives forever (case 11). */
const LONGEST_LIFETIME_MS = 10 * 365 * 24 * 60 * 60 * 1_000;

/**
 * What is wrong with a token, for an error's message, without its text; `undefined` if nothing is. The one check of tokens,
 * whether a provider has issued them or a store has kept them (case 44).
 */
export function issuedTokenFault(token: Partial<Record<keyof IssuedToken, unknown>>): string | undefined {
  const { value, tokenType, scope, lifetimeMs } = token;
  if (typeof value !== "string" || !HEADER_SAFE.test(value)) return "an access token that cannot stand in a header";
  if (value.length > LONGEST_VALUE) return `an access token of ${value.length} characters`;
  if (tokenType !== undefined && !(typeof tokenType === "string" && TOKEN_TYPE.test(tokenType))) {
    return "a token type that cannot stand in a header";
  }
  if (scope !== undefined && !(typeof scope === "string" && scope.length <= LONGEST_VALUE)) {
    return "a scope that is no text, or too long";
  }
  if (!(typeof lifetimeMs === "number" && lifetimeMs > 0 && lifetimeMs <= LONGEST_LIFETIME_MS)) {
    return `a lifetime of ${Number(lifetimeMs) / 1_000} s`;
  }
  return undefined;
}

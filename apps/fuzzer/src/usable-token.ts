import type { AccessToken } from "@x/token-cache-core";
import { must } from "./target.ts";

const TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1_000;

/** What must hold for every token that is handed out. */
export function mustBeUsable({ value, tokenType, expiresAt, scope }: AccessToken, nowMs: number): void {
  must(/^[\x21-\x7e]+$/.test(value), "A token cannot stand in a header.");
  must(/^[!#$%&'*+.^_`|~\w-]+$/.test(tokenType), `A token's type is ${JSON.stringify(tokenType)}.`);
  must(value.length <= LONGEST_VALUE, `A token has ${value.length} characters.`);
  must(expiresAt - nowMs <= TEN_YEARS_MS, `A token lives for ${expiresAt - nowMs} ms.`);
  must(scope === undefined || typeof scope === "string", "A token's scope is no text.");
}

/** Servers take headers of 8 or 16 KiB in all. */
const LONGEST_VALUE = 16 * 1_024;

import { finiteNumber, integerBetween, limitOf, nonEmptyString, oneOf, recordOf } from "../input-checks.ts";

/** A seller's key pair, as the Toss Shopping partners page shows it. */
export interface TossSeller {
  accessKey: string;
  secretKey: string;
}

/** How the emulated Toss Shopping behaves. Every rule has a default; those marked "unknown" are switches to test both ways. */
export interface TossRules {
  /** The key pairs it accepts; "any" accepts every pair that is not empty, for load tests. Default: `credentials` alone. */
  sellers?: readonly TossSeller[] | "any";
  /** The integrators' codes it accepts in the API path. Default: `credentials.solutionCode` alone. */
  solutionCodes?: readonly string[] | "any";
  /** The scopes it issues tokens for. Default: `toss-shopping-fep:write`, the documented one. */
  scopes?: readonly string[];
  /** Lifetime of a token, seconds. Default: 3599, as measured; the documents say 31535999 (a year). */
  lifetimeSeconds?: number;
  /** Unknown: asked again before expiry, it issues a new token, or hands out the same one. Default: "new-token". */
  reissue?: "new-token" | "same-token";
  /** Unknown: after a new token was issued, the earlier one lives on, or dies at once. Default: "lives". */
  previousToken?: "lives" | "dies";
  /** Unknown: status of `invalid_client`. Default: 401. The other OAuth errors answer 400, as RFC 6749 section 5.2 says. */
  errorStatus?: 400 | 401;
  /**
   * The documents warn that asking for tokens too often may be limited; limit and answer are unknown. Where given, more
   * than `requests` token requests of one key within a window of `perSeconds` are answered by 429. Default: no limit.
   */
  tokenLimit?: { requests: number; perSeconds: number; retryAfterSeconds?: number };
  /** Answers TOO_MANY_REQUEST above these rates; 50 and 30 were seen in public code. Default: no limit. */
  apiLimit?: { readsPerSecond: number; writesPerSecond: number };
  /** How long a new token is not yet known to the API, milliseconds. Default: 0. */
  propagationMs?: number;
}

/** What the emulated Toss Shopping accepts by default. */
export const TOSS_CREDENTIALS = {
  accessKey: "emulated-toss-access-key",
  secretKey: "emulated-toss-secret-key",
  solutionCode: "emulated-solution",
} as const;

const MAX_LIFETIME_SECONDS = 1e12;

/** The rules with their defaults, after a check of each. */
export function checkedTossRules(rules: TossRules) {
  recordOf("toss", rules, [
    "sellers",
    "solutionCodes",
    "scopes",
    "lifetimeSeconds",
    "reissue",
    "previousToken",
    "errorStatus",
    "tokenLimit",
    "apiLimit",
    "propagationMs",
  ]);
  const checked = {
    sellers: rules.sellers ?? [TOSS_CREDENTIALS],
    solutionCodes: rules.solutionCodes ?? [TOSS_CREDENTIALS.solutionCode],
    scopes: rules.scopes ?? ["toss-shopping-fep:write"],
    lifetimeSeconds: integerBetween("toss.lifetimeSeconds", rules.lifetimeSeconds ?? 3599, 0, MAX_LIFETIME_SECONDS),
    reissue: oneOf("toss.reissue", rules.reissue ?? "new-token", ["new-token", "same-token"]),
    previousToken: oneOf("toss.previousToken", rules.previousToken ?? "lives", ["lives", "dies"]),
    errorStatus: oneOf("toss.errorStatus", rules.errorStatus ?? 401, [400, 401]),
    tokenLimit: limitOf("toss.tokenLimit", rules.tokenLimit, ["requests", "perSeconds"], ["retryAfterSeconds"]),
    apiLimit: limitOf("toss.apiLimit", rules.apiLimit, ["readsPerSecond", "writesPerSecond"]),
    propagationMs: finiteNumber("toss.propagationMs", rules.propagationMs ?? 0),
  };
  if (checked.sellers !== "any") {
    for (const [index, seller] of checked.sellers.entries()) {
      nonEmptyString(`toss.sellers[${index}].accessKey`, seller.accessKey);
      nonEmptyString(`toss.sellers[${index}].secretKey`, seller.secretKey);
    }
  }
  return checked;
}

import { finiteNumber, integerBetween, limitOf, nonEmptyString, oneOf, recordOf } from "../input-checks.ts";

/** A seller's key pair, as the Toss Shopping partners page shows it. */
export interface TossSeller {
  accessKey: string;
  secretKey: string;
}

/** The API's rate limits per seller. No header shows them. The numbers were seen in public code. */
export interface TossRateLimit {
  /** `GET` requests per second. Default: 50. */
  readsPerSecond?: number;
  /** Other requests per second. Default: 30. */
  writesPerSecond?: number;
  /** Requests per second that create or change products. Default: 10. */
  productChangesPerSecond?: number;
  /** Unknown: whether a product change also counts as a write: "apart" or "as-writes-too". Default: "apart". */
  productChanges?: "apart" | "as-writes-too";
  /** Unknown: a limit counts from the beginning of a second ("fixed"), or the last 1000 ms ("sliding"). Default: "fixed". */
  window?: "fixed" | "sliding";
  /** Unknown: whether Toss processes a request that it answers with `TOO_MANY_REQUEST`. Default: "not-processed". */
  refusedRequests?: "not-processed" | "processed";
}

/** The rules of the emulated Toss Shopping. Test both values of a rule that is marked "unknown". */
export interface TossRules {
  /** The key pairs that it accepts. "any" accepts every non-empty pair, for load tests. Default: only `credentials`. */
  sellers?: readonly TossSeller[] | "any";
  /** The integrators' codes that it accepts in API paths. Default: only `credentials.solutionCode`. */
  solutionCodes?: readonly string[] | "any";
  /** The scopes that it issues tokens for. Default: `toss-shopping-fep:write`, the documented one. */
  scopes?: readonly string[];
  /** Lifetime of a token, seconds. Default: 3599, as measured. The documents say 31535999 (a year). */
  lifetimeSeconds?: number;
  /** Unknown: a second request before expiry gets a new token or the same token. Default: "new-token". */
  reissue?: "new-token" | "same-token";
  /** Unknown: whether the earlier token stays valid after a new one is issued. Default: "lives". */
  previousToken?: "lives" | "dies";
  /** Unknown: status of `invalid_client`. Default: 401. The other OAuth errors answer 400 (RFC 6749, section 5.2). */
  errorStatus?: 400 | 401;
  /**
   * Unknown: the limit of token requests per key. The documents only warn that there may be one. More than `requests`
   * within a window of `perSeconds` are answered with 429. Default: no limit.
   */
  tokenRateLimit?: { requests: number; perSeconds: number; retryAfterSeconds?: number };
  /**
   * The limits of API calls; above them the API answers HTTP 200 with `TOO_MANY_REQUEST`. "seen" is the default of each
   * number. Default: no limit.
   */
  rateLimit?: "seen" | TossRateLimit;
  /** How long the API does not know a new token, milliseconds. Default: 0. */
  propagationMs?: number;
}

/** The default credentials of the emulated Toss Shopping. */
export const TOSS_CREDENTIALS = {
  accessKey: "emulated-toss-access-key",
  secretKey: "emulated-toss-secret-key",
  solutionCode: "emulated-solution",
} as const;

const MAX_LIFETIME_SECONDS = 1e12;

/** Checks the rules and fills in the defaults. Throws an InvalidInputError that names the wrong rule. */
export function checkedTossRules(rules: TossRules) {
  recordOf("toss", rules, [
    "sellers",
    "solutionCodes",
    "scopes",
    "lifetimeSeconds",
    "reissue",
    "previousToken",
    "errorStatus",
    "tokenRateLimit",
    "rateLimit",
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
    tokenRateLimit: limitOf(
      "toss.tokenRateLimit",
      rules.tokenRateLimit,
      ["requests", "perSeconds"],
      ["retryAfterSeconds"],
    ),
    rateLimit: checkedRateLimit(rules.rateLimit),
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

function checkedRateLimit(rule: TossRules["rateLimit"]) {
  if (rule === undefined) return undefined;
  const limit = rule === "seen" ? {} : rule;
  const field = "toss.rateLimit";
  const perSecond = (name: "readsPerSecond" | "writesPerSecond" | "productChangesPerSecond", seen: number) =>
    integerBetween(`${field}.${name}`, limit[name] ?? seen, 0, Number.MAX_SAFE_INTEGER);
  const choices = ["productChanges", "window", "refusedRequests"];
  recordOf(field, limit, ["readsPerSecond", "writesPerSecond", "productChangesPerSecond", ...choices]);
  return {
    readsPerSecond: perSecond("readsPerSecond", 50),
    writesPerSecond: perSecond("writesPerSecond", 30),
    productChangesPerSecond: perSecond("productChangesPerSecond", 10),
    productChanges: oneOf(`${field}.productChanges`, limit.productChanges ?? "apart", ["apart", "as-writes-too"]),
    window: oneOf(`${field}.window`, limit.window ?? "fixed", ["fixed", "sliding"]),
    refusedRequests: oneOf(`${field}.refusedRequests`, limit.refusedRequests ?? "not-processed", [
      "not-processed",
      "processed",
    ]),
  };
}

/** The checked rules, with defaults. */
export type CheckedTossRules = ReturnType<typeof checkedTossRules>;

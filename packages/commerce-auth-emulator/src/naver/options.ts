import { randomBytes } from "node:crypto";
import {
  booleanValue,
  finiteNumber,
  InvalidInputError,
  integerBetween,
  limitOf,
  numberFrom,
  oneOf,
  positiveNumber,
  recordOf,
} from "../input-checks.ts";

/** An application of the Naver Commerce API centre. */
export interface NaverApplication {
  clientId: string;
  /** A bcrypt salt of 29 characters. Real ones have cost 4; the example in Naver's documentation has cost 10. */
  clientSecret: string;
}

/** The protected routes of the emulated Naver Commerce API, for `deniedRoutes`. */
export const NAVER_ROUTES = [
  "seller-account",
  "channel-product",
  "product-orders",
  "product-images",
  "product-attributes",
  "order-changes",
  "inquiries",
  "settlements",
] as const;

/** One protected route of the emulated Naver Commerce API. */
export type NaverRoute = (typeof NAVER_ROUTES)[number];

/** The gateway's rate limit: a token bucket per application and API, reported in headers. */
export interface NaverRateLimit {
  /** Calls per second: the tokens that come back. Naver documents 2 for an application of one's own store. */
  replenishRate: number;
  /** The tokens of a full bucket. Default: `replenishRate`. */
  burstCapacity?: number;
  /**
   * Unknown: "application" has one bucket per API for all sellers of an application, "account" one per seller.
   * Naver says that solution applications have more calls per `SELLER` token. Default: "application".
   */
  countedBy?: "application" | "account";
  /**
   * Unknown: tokens come back one by one ("continuous"), or all together when a second of the server's time begins
   * ("each-second"). Default: "continuous".
   */
  refill?: "continuous" | "each-second";
  /**
   * An upper tier that no header shows: the application's calls per second over all APIs. Above it the gateway answers
   * 429 `GW.RATE_LIMIT` although the headers show remaining calls. Default: none.
   */
  hiddenCallsPerSecond?: number;
  /** Calls per second, on every API, of another system that uses the same application. Default: 0. */
  otherCallsPerSecond?: number;
}

/** A number of API calls per period, for an application over all APIs. */
export interface NaverQuota {
  period: "SECONDS" | "MINUTES" | "HOURS" | "DAYS";
  limit: number;
}

/** The rules of the emulated Naver Commerce API. Test both values of a rule that is marked "unknown". */
export interface NaverRules {
  /**
   * The applications that it accepts. Several entries with one `clientId` are several valid secrets of it. "any"
   * accepts every client id. The signature must still be a correct bcrypt hash under the salt that it names, unless
   * `verifySignature` is false. Default: only `credentials`.
   */
  applications?: readonly NaverApplication[] | "any";
  /** The sellers that a `SELLER` token can be issued for. Default: only `credentials.accountId`. */
  accounts?: readonly string[] | "any" | ((accountId: string, clientId: string) => boolean);
  /** Whether `client_secret_sign` is checked. False saves one bcrypt hash per request in a load test. Default: true. */
  verifySignature?: boolean;
  /** Lifetime of a token, seconds. Default: 10800, as documented. */
  lifetimeSeconds?: number;
  /** The re-issue window: below this remaining lifetime, seconds, a new token is issued. Default: 1800, as documented. */
  reissueBelowSeconds?: number;
  /** Unknown: `expires_in` of a token that is returned again. Default: "remaining". */
  expiresInOnReturn?: "remaining" | "full";
  /** Unknown: status of a refused timestamp. Default: 400. */
  clockRefusalStatus?: 400 | 403;
  /** Status of a wrong signature: 403 in the guide, 400 in reports. Default: 403. */
  signatureRefusalStatus?: 400 | 403;
  /**
   * When an off-form token request limits the application to one API call per hour: "next-day" for the next Korean day,
   * as announced; "at-once" until the end of the next Korean day, for tests that do not move the clock; "off" never.
   * Default: "next-day".
   */
  offFormPenalty?: "next-day" | "at-once" | "off";
  /**
   * What shows that the penalty is coming: "replenish-rate" halves the replenish rate from the off-form request on, as
   * one report says; "none". Default: "replenish-rate".
   */
  penaltyHerald?: "replenish-rate" | "none";
  /** Routes that the application has no permission for. Default: none. */
  deniedRoutes?: readonly NaverRoute[];
  /**
   * The error for a missing permission: 403 `GW.AUTHZ` is documented; 401 and 403 with `GW.AUTHN` were seen.
   * Default: "GW.AUTHN", with 401.
   */
  missingPermission?: "GW.AUTHN" | "GW.AUTHZ" | "403 GW.AUTHN";
  /**
   * The rate limit of API calls; above it the gateway answers 429 `GW.RATE_LIMIT`. "documented" is that of an application
   * of one's own store, 2 calls per second. Default: no limit; the headers then report a million.
   */
  rateLimit?: "documented" | NaverRateLimit;
  /** Unknown: the rate limit of an application's token requests. Default: no limit. */
  tokenRateLimit?: { replenishRate: number; burstCapacity: number };
  /** A quota of API calls; above it the gateway answers 429 `GW.QUOTA_LIMIT`. Default: none but the penalty's. */
  quota?: NaverQuota;
  /** Unknown: quotas count from the beginning of a Korean hour ("fixed"), or the last hour ("sliding"). Default: "fixed". */
  quotaWindow?: "fixed" | "sliding";
  /**
   * The time that one image upload takes, server milliseconds. Meanwhile a second upload of the same store account is
   * answered by 429, as was seen. Default: 0.
   */
  uploadMs?: number;
  /** How long the API does not know a new token, milliseconds. Default: 0. */
  propagationMs?: number;
}

/** The default credentials of the emulated Naver Commerce API. */
export const NAVER_CREDENTIALS = {
  clientId: "emulatedNaverClient001",
  clientSecret: "$2a$04$abcdefghijklmnopqrstuv",
  accountId: "ncp_emulatedSeller001",
} as const;

/** A client secret: bcrypt's version, its cost, and 22 characters of its base64. */
export const BCRYPT_SALT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{22}$/;

/** A secret as Naver would issue it: bcrypt's alphabet, and a last character of which both bits count. */
export function newClientSecret(): string {
  const characters = randomBytes(21).map((byte) => BCRYPT_ALPHABET.charCodeAt(byte % BCRYPT_ALPHABET.length));
  return `$2a$04$${Buffer.from(characters).toString("latin1")}u`;
}

const BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The values of `missingPermission`. */
export const MISSING_PERMISSIONS = ["GW.AUTHN", "GW.AUTHZ", "403 GW.AUTHN"] as const;

const MAX_LIFETIME_SECONDS = 1e12;

/** Checks the rules and fills in the defaults. Throws an InvalidInputError that names the wrong rule. */
export function checkedNaverRules(rules: NaverRules) {
  recordOf("naver", rules, [
    "applications",
    "accounts",
    "verifySignature",
    "lifetimeSeconds",
    "reissueBelowSeconds",
    "expiresInOnReturn",
    "clockRefusalStatus",
    "signatureRefusalStatus",
    "offFormPenalty",
    "penaltyHerald",
    "deniedRoutes",
    "missingPermission",
    "rateLimit",
    "tokenRateLimit",
    "quota",
    "quotaWindow",
    "uploadMs",
    "propagationMs",
  ]);
  const checked = {
    applications: rules.applications ?? [NAVER_CREDENTIALS],
    accounts: rules.accounts ?? [NAVER_CREDENTIALS.accountId],
    verifySignature: booleanValue("naver.verifySignature", rules.verifySignature ?? true),
    lifetimeSeconds: integerBetween("naver.lifetimeSeconds", rules.lifetimeSeconds ?? 10_800, 0, MAX_LIFETIME_SECONDS),
    reissueBelowSeconds: finiteNumber("naver.reissueBelowSeconds", rules.reissueBelowSeconds ?? 1800),
    expiresInOnReturn: oneOf("naver.expiresInOnReturn", rules.expiresInOnReturn ?? "remaining", ["remaining", "full"]),
    clockRefusalStatus: oneOf("naver.clockRefusalStatus", rules.clockRefusalStatus ?? 400, [400, 403]),
    signatureRefusalStatus: oneOf("naver.signatureRefusalStatus", rules.signatureRefusalStatus ?? 403, [400, 403]),
    offFormPenalty: oneOf("naver.offFormPenalty", rules.offFormPenalty ?? "next-day", ["next-day", "at-once", "off"]),
    penaltyHerald: oneOf("naver.penaltyHerald", rules.penaltyHerald ?? "replenish-rate", ["replenish-rate", "none"]),
    deniedRoutes: rules.deniedRoutes ?? [],
    missingPermission: oneOf("naver.missingPermission", rules.missingPermission ?? "GW.AUTHN", MISSING_PERMISSIONS),
    rateLimit: checkedRateLimit(rules.rateLimit),
    tokenRateLimit: limitOf("naver.tokenRateLimit", rules.tokenRateLimit, ["replenishRate", "burstCapacity"]),
    quota: checkedQuota(rules.quota),
    quotaWindow: oneOf("naver.quotaWindow", rules.quotaWindow ?? "fixed", ["fixed", "sliding"]),
    uploadMs: integerBetween("naver.uploadMs", rules.uploadMs ?? 0, 0, Number.MAX_SAFE_INTEGER),
    propagationMs: finiteNumber("naver.propagationMs", rules.propagationMs ?? 0),
  };
  for (const route of checked.deniedRoutes) oneOf("naver.deniedRoutes", route, NAVER_ROUTES);
  if (checked.applications !== "any") {
    for (const [index, { clientSecret }] of checked.applications.entries()) {
      if (!BCRYPT_SALT.test(clientSecret)) {
        throw new InvalidInputError(
          `naver.applications[${index}].clientSecret`,
          "must be a bcrypt salt of 29 characters, such as $2a$04$ followed by 22; a shell may have expanded its $ signs",
        );
      }
    }
  }
  return checked;
}

/** Naver's fixed limit for an application of one's own store: 2 calls per second. */
const DOCUMENTED_RATE_LIMIT: NaverRateLimit = { replenishRate: 2 };

function checkedRateLimit(rule: NaverRules["rateLimit"]) {
  if (rule === undefined) return undefined;
  const limit = rule === "documented" ? DOCUMENTED_RATE_LIMIT : rule;
  const field = "naver.rateLimit";
  const fields = ["replenishRate", "burstCapacity", "countedBy", "refill", "hiddenCallsPerSecond"];
  recordOf(field, limit, [...fields, "otherCallsPerSecond"]);
  const { hiddenCallsPerSecond } = limit;
  return {
    replenishRate: positiveNumber(`${field}.replenishRate`, limit.replenishRate),
    burstCapacity: integerBetween(
      `${field}.burstCapacity`,
      limit.burstCapacity ?? Math.ceil(limit.replenishRate),
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    countedBy: oneOf(`${field}.countedBy`, limit.countedBy ?? "application", ["application", "account"]),
    refill: oneOf(`${field}.refill`, limit.refill ?? "continuous", ["continuous", "each-second"]),
    hiddenCallsPerSecond:
      hiddenCallsPerSecond === undefined
        ? undefined
        : integerBetween(`${field}.hiddenCallsPerSecond`, hiddenCallsPerSecond, 1, Number.MAX_SAFE_INTEGER),
    otherCallsPerSecond: numberFrom(`${field}.otherCallsPerSecond`, limit.otherCallsPerSecond ?? 0, 0),
  };
}

function checkedQuota(quota: NaverQuota | undefined): NaverQuota | undefined {
  if (quota === undefined) return undefined;
  recordOf("naver.quota", quota, ["period", "limit"]);
  return {
    period: oneOf("naver.quota.period", quota.period, ["SECONDS", "MINUTES", "HOURS", "DAYS"]),
    limit: integerBetween("naver.quota.limit", quota.limit, 0, Number.MAX_SAFE_INTEGER),
  };
}

/** The checked rules, with defaults. */
export type CheckedNaverRules = ReturnType<typeof checkedNaverRules>;

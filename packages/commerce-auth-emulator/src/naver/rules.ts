import {
  booleanValue,
  finiteNumber,
  InvalidInputError,
  integerBetween,
  limitOf,
  oneOf,
  recordOf,
} from "../input-checks.ts";

/** An application of the Naver Commerce API centre. */
export interface NaverApplication {
  clientId: string;
  /** A bcrypt salt, 29 characters: real ones have cost 4, the documents' example has cost 10. */
  clientSecret: string;
}

/** The protected routes of the emulated Naver Commerce API, for `deniedRoutes`. */
export const NAVER_ROUTES = ["seller-account", "channel-product", "product-orders"] as const;

/** One protected route of the emulated Naver Commerce API. */
export type NaverRoute = (typeof NAVER_ROUTES)[number];

/** How the emulated Naver Commerce API behaves. Those marked "unknown" are switches to test both ways. */
export interface NaverRules {
  /**
   * The applications it accepts. Several entries with one `clientId` are several valid secrets of it. "any" accepts every
   * client id; the signature must then still be a correct bcrypt hash, under whichever salt it names, unless
   * `verifySignature` is false. Default: `credentials` alone.
   */
  applications?: readonly NaverApplication[] | "any";
  /** The sellers a `SELLER` token may be asked for. Default: `credentials.accountId` alone. */
  accounts?: readonly string[] | "any" | ((accountId: string, clientId: string) => boolean);
  /** Whether `client_secret_sign` is checked. Default: true. False spares a load test one bcrypt hash per request. */
  verifySignature?: boolean;
  /** Lifetime of a token, seconds. Default: 10800, as documented. */
  lifetimeSeconds?: number;
  /** Below this remaining lifetime, seconds, a new token is issued. Default: 1800 (30 minutes), as documented. */
  reissueBelowSeconds?: number;
  /** Unknown: `expires_in` of a token handed out again. Default: "remaining". */
  expiresInOnReturn?: "remaining" | "full";
  /** Unknown: status of a refused timestamp. Default: 400. */
  clockRefusalStatus?: 400 | 403;
  /** Status of a wrong signature: 403 by the guide, 400 has been reported. Default: 403. */
  signatureRefusalStatus?: 400 | 403;
  /**
   * When the quota of one API call an hour begins after an off-form token request. Default: "next-day" (Korean time), as
   * announced; "at-once" for tests that do not move the clock.
   */
  offFormPenalty?: "next-day" | "at-once" | "off";
  /** Routes that the application has no permission for. Default: none. */
  deniedRoutes?: readonly NaverRoute[];
  /** What a missing permission answers: 403 GW.AUTHZ is documented, 401 GW.AUTHN was seen. Default: "GW.AUTHN". */
  missingPermission?: "GW.AUTHN" | "GW.AUTHZ";
  /**
   * A bucket of `burstCapacity` API calls per application, of which `replenishRate` a second come back; when it is empty
   * 429 GW.RATE_LIMIT is answered. Default: no limit.
   */
  apiLimit?: { replenishRate: number; burstCapacity: number };
  /** How long a new token is not yet known to the API, milliseconds. Default: 0. */
  propagationMs?: number;
}

/** What the emulated Naver Commerce API accepts by default. */
export const NAVER_CREDENTIALS = {
  clientId: "emulatedNaverClient001",
  clientSecret: "$2a$04$abcdefghijklmnopqrstuv",
  accountId: "ncp_emulatedSeller001",
} as const;

/** What a client secret looks like: the version, the cost, and 22 characters of bcrypt's own base64. */
export const BCRYPT_SALT = /^\$2[aby]\$(\d{2})\$[./A-Za-z0-9]{22}$/;

const MAX_LIFETIME_SECONDS = 1e12;

/** The rules with their defaults, after a check of each. */
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
    "deniedRoutes",
    "missingPermission",
    "apiLimit",
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
    deniedRoutes: rules.deniedRoutes ?? [],
    missingPermission: oneOf("naver.missingPermission", rules.missingPermission ?? "GW.AUTHN", [
      "GW.AUTHN",
      "GW.AUTHZ",
    ]),
    apiLimit: limitOf("naver.apiLimit", rules.apiLimit, ["replenishRate", "burstCapacity"]),
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

/** The rules as the emulation reads them. */
export type CheckedNaverRules = ReturnType<typeof checkedNaverRules>;

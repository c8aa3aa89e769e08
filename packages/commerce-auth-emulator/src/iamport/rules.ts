import { booleanValue, finiteNumber, integerBetween, nonEmptyString, oneOf, recordOf } from "../input-checks.ts";

/** An agency's or a shop's REST API key pair, as the console shows it. */
export interface IamportAccount {
  impKey: string;
  impSecret: string;
}

/** How the emulated iamport (PortOne V1) behaves. Those marked "unknown" are switches to test both ways. */
export interface IamportRules {
  /** The key pairs it accepts; "any" accepts every pair that is not empty, for load tests. Default: `credentials` alone. */
  accounts?: readonly IamportAccount[] | "any";
  /** Lifetime of a token, seconds. Default: 1800, as documented. */
  lifetimeSeconds?: number;
  /** Unknown: whether the extension by 5 minutes is given at every request of a last minute, or once per token. Default: "repeats". */
  extension?: "repeats" | "once";
  /** Unknown: whether the message of a 401 repeats the credentials it was sent. Default: false. */
  echoCredentials?: boolean;
  /** The `Tier` codes (sub-merchants) it knows; another one is refused with 403. Default: "any". */
  tiers?: readonly string[] | "any";
  /** The `imp_uid`s of payments that exist. Default: `imp_448280090638`, the documents' own. */
  payments?: readonly string[];
  /** How long a new token is not yet known to the API, milliseconds. Default: 0. */
  propagationMs?: number;
}

/** What the emulated iamport accepts by default. */
export const IAMPORT_CREDENTIALS = {
  impKey: "emulated-imp-key",
  impSecret: "emulated-imp-secret",
} as const;

const MAX_LIFETIME_SECONDS = 1e12;

/** The rules with their defaults, after a check of each. */
export function checkedIamportRules(rules: IamportRules) {
  recordOf("iamport", rules, [
    "accounts",
    "lifetimeSeconds",
    "extension",
    "echoCredentials",
    "tiers",
    "payments",
    "propagationMs",
  ]);
  const checked = {
    accounts: rules.accounts ?? [IAMPORT_CREDENTIALS],
    lifetimeSeconds: integerBetween("iamport.lifetimeSeconds", rules.lifetimeSeconds ?? 1800, 0, MAX_LIFETIME_SECONDS),
    extension: oneOf("iamport.extension", rules.extension ?? "repeats", ["repeats", "once"]),
    echoCredentials: booleanValue("iamport.echoCredentials", rules.echoCredentials ?? false),
    tiers: rules.tiers ?? ("any" as const),
    payments: rules.payments ?? ["imp_448280090638"],
    propagationMs: finiteNumber("iamport.propagationMs", rules.propagationMs ?? 0),
  };
  if (checked.accounts !== "any") {
    for (const [index, account] of checked.accounts.entries()) {
      nonEmptyString(`iamport.accounts[${index}].impKey`, account.impKey);
      nonEmptyString(`iamport.accounts[${index}].impSecret`, account.impSecret);
    }
  }
  return checked;
}

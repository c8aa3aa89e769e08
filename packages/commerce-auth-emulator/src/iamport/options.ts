import { booleanValue, finiteNumber, integerBetween, nonEmptyString, oneOf, recordOf } from "../input-checks.ts";

/** An agency's or a shop's REST API key pair, as the console shows it. */
export interface IamportAccount {
  impKey: string;
  impSecret: string;
}

/** The rules of the emulated iamport (PortOne V1). Test both values of a rule that is marked "unknown". */
export interface IamportRules {
  /** The key pairs that it accepts. "any" accepts every non-empty pair, for load tests. Default: only `credentials`. */
  accounts?: readonly IamportAccount[] | "any";
  /** Lifetime of a token, seconds. Default: 1800, as documented. */
  lifetimeSeconds?: number;
  /** Unknown: the extension by 5 minutes "repeats" in each last minute, or happens "once" per token. Default: "repeats". */
  extension?: "repeats" | "once";
  /** Unknown: whether the message of a 401 repeats the credentials. Default: false. */
  echoCredentials?: boolean;
  /** The `Tier` codes (sub-merchants) that it accepts. Other codes get 403. Default: "any". */
  tiers?: readonly string[] | "any";
  /** The `imp_uid`s of the payments. Default: `imp_448280090638`, from the documents. */
  payments?: readonly string[];
  /** How long the API does not know a new token, milliseconds. Default: 0. */
  propagationMs?: number;
}

/** The default credentials of the emulated iamport. */
export const IAMPORT_CREDENTIALS = {
  impKey: "emulated-imp-key",
  impSecret: "emulated-imp-secret",
} as const;

const MAX_LIFETIME_SECONDS = 1e12;

/** Checks the rules and fills in the defaults. Throws an InvalidInputError that names the wrong rule. */
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

import { TokenError } from "@x/token-cache-core";
import { field, identifier } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { VerdictId } from "../findings/verdicts/verdicts.ts";
import type { ProviderProfile, Target } from "../providers/profile.ts";
import { networkFinding } from "./reachability.ts";

const NAVER_LIFETIME_SECONDS = 10_800;
const IAMPORT_LIFETIME_SECONDS = 1_800;
const HOUR_SECONDS = 3_600;
const YEAR_SECONDS = 31_536_000;
/** Providers round, and real lifetimes are a second short of what is documented. */
const SLACK_SECONDS = 1;

/** What an issued token's lifetime tells. */
export function issuedToken(profile: ProviderProfile, answer: Answer): Finding {
  const seconds = secondsIn(answer.body);
  if (profile.name === "toss") {
    if (near(seconds, HOUR_SECONDS)) return finding("token.hour", { seconds });
    return finding(near(seconds, YEAR_SECONDS) ? "token.year" : "token.other_lifetime", { seconds });
  }
  const lifetime = profile.name === "naver" ? NAVER_LIFETIME_SECONDS : IAMPORT_LIFETIME_SECONDS;
  if (near(seconds, lifetime)) return finding("token.new", { seconds });
  return finding(seconds < lifetime ? "token.returned" : "token.other_lifetime", { seconds, lifetime });
}

function near(seconds: number, lifetime: number): boolean {
  return Math.abs(seconds - lifetime) <= SLACK_SECONDS;
}

/** `expires_in`, or iamport's `expired_at - now`. */
export function secondsIn(body: unknown): number {
  const response = field(body, "response");
  if (response === undefined) return Number(field(body, "expires_in"));
  return Math.floor(Number(field(response, "expired_at")) - Number(field(response, "now")));
}

/** Why there is no token, by the error of the provider's package and the answer that it read. */
export function missingToken(
  error: unknown,
  answer: Answer,
  { tokenUrl }: Target,
  timeoutMs: number,
  publicAddress: string | undefined,
): Finding {
  const code = TokenError.is(error) ? error.code : undefined;
  const { origin, pathname, hostname: host } = new URL(tokenUrl);
  const url = origin + pathname;
  const { status, failure, body } = answer;
  const values: Values = { status, url, code: codeIn(body) ?? "", parameter: parameterIn(body) ?? "" };
  if (code === "timeout") return networkFinding(host, "TIMEOUT", timeoutMs);
  if (code === "network" || failure !== undefined) return networkFinding(host, failure ?? "ECONNRESET", timeoutMs);
  if (code === "ip_not_allowed") return addressFinding(values, answer, publicAddress);
  if (answer.isHtml) return finding("token.html", values);
  return finding(refusal(values, code, answer), values);
}

/** By what the answer says, then by the code that the provider's package gave it. */
function refusal({ code: providerCode, parameter }: Values, code: string | undefined, { status }: Answer): VerdictId {
  if (code === "origin_not_allowed") return "token.redirected";
  if (providerCode === "GW.BLOCK.02") return "token.maintenance";
  if (providerCode === "GW.AUTHN") return "token.bad_credentials";
  if (providerCode === "invalid_scope") return "token.wrong_scope";
  if (parameter === "account_id") return "token.unknown_account";
  if (parameter === "type") return "token.wrong_type";
  if (code === "clock_skew") return "token.clock_refused";
  if (code === "invalid_credentials") return parameter === "" ? "token.bad_credentials" : "token.bad_signature";
  if (code === "permission_denied") return "token.not_permitted";
  if (code === "rate_limited") return "token.rate_limited";
  if (code === "quota_exhausted") return "token.quota";
  if (code === "provider_unavailable") return "token.unavailable";
  if (status === 404 || status === 405) return "token.not_found";
  return code === "invalid_options" ? "token.malformed" : "token.none";
}

/** The address to put on the list: the one that the answer names, or this machine's own public one. */
function addressFinding(values: Values, { body }: Answer, publicAddress: string | undefined): Finding {
  const named = /\b(?:\d{1,3}\.){3}\d{1,3}\b/.exec(String(field(body, "message") ?? ""))?.[0];
  const address = named ?? publicAddress;
  if (address === undefined) return finding("address.not_allowed", values);
  return finding("address.not_allowed_known", { ...values, address });
}

/** Naver's and Toss's codes. iamport's is a number that says nothing. */
export function codeIn(body: unknown): string | undefined {
  const error = field(body, "error");
  return identifier(field(body, "code")) ?? identifier(error) ?? identifier(field(error, "errorCode"));
}

/** The first parameter that Naver rejects. */
function parameterIn(body: unknown): string | undefined {
  const inputs = field(body, "invalidInputs");
  return Array.isArray(inputs) ? identifier(field(inputs[0], "name")) : undefined;
}

import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import type { Access } from "../access/access.ts";
import { codeIn, field, parameterIn } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { VerdictId } from "../findings/verdicts/verdicts.ts";
import type { ProviderProfile } from "../providers/profile.ts";
import { networkFinding } from "./reachability.ts";

/** Providers round, and real lifetimes are a second short of what is documented. */
const SLACK_SECONDS = 1;

/** What an issued token's lifetime tells. */
export function issuedToken(
  { lifetimes, lifetimeIn, returnsEarlierToken }: ProviderProfile,
  { body }: Answer,
): Finding {
  const seconds = lifetimeIn(body);
  const documented = lifetimes.find((each) => near(seconds, each.seconds));
  if (documented !== undefined) return finding(documented.verdict, { seconds });
  const lifetime = Math.max(...lifetimes.map((each) => each.seconds));
  const isEarlier = returnsEarlierToken && seconds < lifetime;
  return finding(isEarlier ? "token.returned" : "token.other_lifetime", { seconds, lifetime });
}

function near(seconds: number, lifetime: number): boolean {
  return Math.abs(seconds - lifetime) <= SLACK_SECONDS;
}

/** Why there is no token, by the error of the provider's package and the answer that it read. */
export function missingToken(
  error: unknown,
  answer: Answer,
  { profile, target, timeoutMs }: Access,
  publicAddress: string | undefined,
): Finding {
  const code = TokenError.is(error) ? error.code : undefined;
  const { origin, pathname, hostname: host } = new URL(target.tokenUrl);
  const url = origin + pathname;
  const { status, failure, body } = answer;
  const values: Values = { status, url, code: codeIn(body) ?? "", parameter: parameterIn(body) ?? "" };
  if (code === "timeout") return networkFinding(host, "TIMEOUT", timeoutMs);
  if (code === "network" || failure !== undefined) return networkFinding(host, failure ?? "ECONNRESET", timeoutMs);
  if (code === "ip_not_allowed") return addressFinding(values, answer, publicAddress);
  if (answer.isHtml) return finding("token.html", values);
  if (code === "origin_not_allowed") return finding("token.redirected", values);
  return finding(profile.refusalVerdict?.(body, code) ?? verdictOf(code, status), values);
}

/** What the error code of a provider's package means at any provider. */
function verdictOf(code: TokenErrorCode | undefined, status: number): VerdictId {
  if (code === "clock_skew") return "token.clock_refused";
  if (code === "invalid_credentials") return "token.bad_credentials";
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

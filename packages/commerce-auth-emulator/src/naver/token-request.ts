import { isRecord } from "../input-checks.ts";
import { FORM_MEDIA_TYPE, formParameters, parseJson, type ReceivedRequest, textOf } from "../server/http-message.ts";
import type { InvalidInput } from "./gateway.ts";
import type { CheckedNaverRules } from "./options.ts";
import type { NaverSignatureCheck } from "./signature.ts";

/** A token request, in the documented form or another. */
export interface NaverTokenRequest {
  clientId: string;
  timestamp: string;
  sign: string;
  type: "SELF" | "SELLER";
  accountId: string | undefined;
}

/** Why a token request is refused. The reason decides the status. */
export interface NaverRefusal {
  reason: "parameters" | "clock" | "signature" | "account";
  invalidInputs: readonly InvalidInput[];
}

const PARAMETERS = ["client_id", "timestamp", "client_secret_sign", "grant_type", "type", "account_id"] as const;
const REQUIRED = ["client_id", "timestamp", "client_secret_sign", "type"] as const;

const TIMESTAMP_LIFETIME_MS = 5 * 60_000;
const FUTURE_TIMESTAMP = "timestamp 항목은 현재 이전이어야 합니다.";
const EXPIRED_TIMESTAMP = "timestamp항목의 유효 시간이 만료되었습니다.";

/** Reads the request from the body and the query string: an off-form request gets a token too. */
export function readTokenRequest(request: ReceivedRequest): NaverTokenRequest | NaverRefusal {
  const body = bodyParameters(request);
  const read = (name: string): string => body.get(name) ?? request.query.get(name) ?? "";
  const missing = REQUIRED.filter((name) => read(name) === "");
  const type = read("type").toUpperCase();
  if (type === "SELLER" && read("account_id") === "")
    return refusal("parameters", [...missing, "account_id"], "NotBlank");
  if (missing.length > 0) return refusal("parameters", missing, "NotBlank");
  if (type !== "SELF" && type !== "SELLER") return refusal("parameters", ["type"], "NotValid");
  const grantType = read("grant_type");
  if (grantType !== "" && grantType !== "client_credentials") return refusal("parameters", ["grant_type"], "NotValid");
  return {
    clientId: read("client_id"),
    timestamp: read("timestamp"),
    sign: read("client_secret_sign"),
    type,
    accountId: type === "SELLER" ? read("account_id") : undefined,
  };
}

/** Checks the timestamp, the signature and the account, in this order. Undefined: a token can be issued. */
export function refusalOf(
  request: NaverTokenRequest,
  rules: CheckedNaverRules,
  signatures: NaverSignatureCheck,
  now: number,
): NaverRefusal | undefined {
  const clockProblem = timestampProblem(request.timestamp, now);
  if (clockProblem !== undefined) {
    return { reason: "clock", invalidInputs: [{ name: "timestamp", type: "NotValid", message: clockProblem }] };
  }
  if (!isSigned(request, rules, signatures)) return refusal("signature", ["client_secret_sign"], "NotValid");
  if (request.accountId !== undefined && !isKnownAccount(request.accountId, request.clientId, rules)) {
    return refusal("account", ["account_id"], "NotValid");
  }
  return undefined;
}

function timestampProblem(timestamp: string, now: number): string | undefined {
  if (!/^\d{13}$/.test(timestamp)) return EXPIRED_TIMESTAMP;
  const signedAt = Number(timestamp);
  if (signedAt > now) return FUTURE_TIMESTAMP;
  return now - signedAt > TIMESTAMP_LIFETIME_MS ? EXPIRED_TIMESTAMP : undefined;
}

function isSigned(
  request: NaverTokenRequest,
  { applications, verifySignature }: CheckedNaverRules,
  signatures: NaverSignatureCheck,
): boolean {
  const password = `${request.clientId}_${request.timestamp}`;
  if (applications === "any") return !verifySignature || signatures.isSignedBySomeone(password, request.sign);
  const secrets = applications
    .filter(({ clientId }) => clientId === request.clientId)
    .map((known) => known.clientSecret);
  return verifySignature ? signatures.isSignedByOne(secrets, password, request.sign) : secrets.length > 0;
}

function isKnownAccount(accountId: string, clientId: string, { accounts }: CheckedNaverRules): boolean {
  if (accounts === "any") return true;
  return typeof accounts === "function" ? accounts(accountId, clientId) : accounts.includes(accountId);
}

/** The notices of 2025-05 and 2026-08 list the punished requests: all that differ from the form of the guide. */
export function offFormReasons(request: ReceivedRequest): string[] {
  const body = bodyParameters(request);
  const reasons: string[] = [];
  if (PARAMETERS.some((name) => request.query.has(name))) reasons.push("parameters in the query string");
  if (request.mediaType !== FORM_MEDIA_TYPE) reasons.push("content type");
  if (!body.has("grant_type")) reasons.push("no grant_type in the body");
  const type = body.get("type");
  if (type !== "SELF" && type !== "SELLER") reasons.push("type not in upper case in the body");
  if (type !== "SELLER" && body.has("account_id")) reasons.push("account_id without SELLER");
  return reasons;
}

/** A wrong content type is punished and not refused, so a JSON body is read too. */
function bodyParameters(request: ReceivedRequest): URLSearchParams {
  if (request.mediaType !== "application/json") return formParameters(request);
  const body = parseJson(request.body.toString("utf8"));
  const entries = Object.entries(isRecord(body) ? body : {});
  return new URLSearchParams(entries.map(([name, value]): [string, string] => [name, textOf(value)]));
}

function refusal(
  reason: NaverRefusal["reason"],
  names: readonly string[],
  type: "NotBlank" | "NotValid",
): NaverRefusal {
  const problem = type === "NotBlank" ? "누락되었습니다" : "유효하지 않습니다";
  const invalidInputs = names.map((name) => ({ name, type, message: `${name} 항목이 ${problem}.` }));
  return { reason, invalidInputs };
}

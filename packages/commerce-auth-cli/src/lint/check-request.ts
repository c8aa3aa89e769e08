import { duration } from "../duration.ts";
import { isLoopback } from "../loopback.ts";
import { naver } from "../providers/naver.ts";
import { type HttpRequest, UNKNOWN, UNKNOWN_HOST } from "./http-request.ts";
import type { Broken, RuleId } from "./rules.ts";
import { signatureFaults } from "./signature-check.ts";

const NAVER_HOST = new URL(naver.target.tokenUrl).hostname;
const TOKEN_PATH = /\/external(?:\/partner)?\/v1\/oauth2\/token\/?$/;
/** A proxy may put something before it. */
const NAVER_PATH = new RegExp(`^${TOKEN_PATH.source}`);
const FORM = "application/x-www-form-urlencoded";
const KNOWN = ["client_id", "timestamp", "client_secret_sign", "grant_type", "type", "account_id"];
const TIMESTAMP_LIFETIME_MS = 5 * 60_000;

/** Whether a request is meant for Naver's token endpoint, with a wrong path or another host in between too. */
export function isNaverTokenRequest({ url, body }: HttpRequest): boolean {
  const isToken = /oauth2\/token/.test(url.pathname);
  return (
    TOKEN_PATH.test(url.pathname) ||
    (isToken && url.hostname === NAVER_HOST) ||
    /client_secret_sign/.test(url.search + body)
  );
}

/** The rules that a token request breaks. */
export function brokenRules(request: HttpRequest): readonly Broken[] {
  const { form, parameters } = bodyOf(request);
  const all = [...parameters, ...request.url.searchParams];
  const read = (name: string) => all.find(([key]) => key === name)?.[1];
  return [
    ...transport(request, form),
    ...parameterNames(request, all),
    ...grant(read("grant_type")),
    ...resource(read("type"), read("account_id")),
    ...missing("client_id.missing", read("client_id")),
    ...time(read("timestamp"), request.sentAt),
    ...(read("client_secret") === undefined ? [] : [broken("sign.secret_sent")]),
    ...(request.expansions.some((name) => /^\d$/.test(name)) ? [broken("shell.secret_expanded")] : []),
    ...signatureFaults(read("client_id"), read("timestamp"), read("client_secret_sign")),
  ];
}

export function broken(rule: RuleId, values: Broken["values"] = {}): Broken {
  return { rule, values };
}

/** The body's parameters, whatever its form. */
function bodyOf({ body, headers }: HttpRequest) {
  if (/^\s*\{/.test(body)) return { form: "JSON", parameters: jsonParameters(body) };
  if (/multipart/.test(headers.get("content-type") ?? "")) {
    return { form: "multipart", parameters: [...new URLSearchParams(body)] };
  }
  return { form: "form", parameters: [...new URLSearchParams(body)] };
}

function jsonParameters(body: string): [string, string][] {
  try {
    const json: unknown = JSON.parse(body);
    return Object.entries(json ?? {}).map(([name, value]) => [name, String(value)]);
  } catch {
    return [];
  }
}

function transport({ method, url, headers }: HttpRequest, form: string): Broken[] {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  const isUnknownUrl = url.hostname === UNKNOWN_HOST && url.pathname === "/";
  const path = url.hostname === NAVER_HOST ? NAVER_PATH : TOKEN_PATH;
  return [
    ...(method === "POST" ? [] : [broken("form.method", { method: shownMethod(method) })]),
    ...(url.protocol === "https:" || isLoopback(url) ? [] : [broken("form.scheme")]),
    ...(path.test(url.pathname) || isUnknownUrl ? [] : [broken("form.path", { path: shownPath(url) })]),
    ...(type === FORM ? [] : [broken("form.content_type", { type: typeName(type) })]),
    ...(form === "form" ? [] : [broken("form.body", { form })]),
  ];
}

function typeName(type: string) {
  if (type === "") return { ko: "없음", en: "missing" };
  return /^[a-z]+\/[a-z.+-]{1,60}$/.test(type) ? type : "?";
}

/** What other programs send besides. Any other name may be a secret in the wrong place. */
const FOREIGN =
  "clientId clientSecret clientSecretSign grantType accountId account_uid scope sign signature refresh_token code".split(
    " ",
  );

function shownName(name: string): string {
  return FOREIGN.includes(name) ? name : "?";
}

/** A method, unless something else stands in its place. */
export function shownMethod(method: string): string {
  return /^[A-Z]{1,10}$/.test(method) ? method : "?";
}

/** A path, unless it may hold something that nobody should see. */
export function shownPath({ pathname }: URL): string {
  return /^(\/[a-z\d.-]{0,20}){1,8}$/i.test(pathname) ? pathname : "/…";
}

function parameterNames({ url }: HttpRequest, all: readonly (readonly [string, string])[]): Broken[] {
  const inQuery = KNOWN.filter((name) => url.searchParams.has(name));
  const repeated = KNOWN.filter((name) => all.filter(([key]) => key === name).length > 1);
  const unknown = all.map(([name]) => name).filter((name) => !KNOWN.includes(name) && name !== "client_secret");
  const listed = (rule: RuleId, names: readonly string[]) =>
    names.length === 0 ? [] : [broken(rule, { names: names.join(", ") })];
  return [
    ...listed("form.query", inQuery),
    ...listed("parameter.repeated", repeated),
    ...listed("parameter.unknown", [...new Set(unknown.map(shownName))]),
  ];
}

function grant(grantType: string | undefined): Broken[] {
  if (!grantType) return [broken("grant_type.missing")];
  return grantType === "client_credentials" || isUnknown(grantType) ? [] : [broken("grant_type.wrong")];
}

function resource(type: string | undefined, accountId: string | undefined): Broken[] {
  if (!type) return [broken("type.missing")];
  if (isUnknown(type)) return [];
  const capitals = type.toUpperCase();
  const isKnown = capitals === "SELF" || capitals === "SELLER";
  if (!isKnown) return [broken("type.wrong")];
  return [
    ...(type === capitals ? [] : [broken("type.lower_case")]),
    ...(capitals === "SELLER" && !accountId ? [broken("account_id.missing")] : []),
    ...(capitals === "SELF" && accountId !== undefined ? [broken("account_id.with_self")] : []),
  ];
}

function missing(rule: RuleId, value: string | undefined): Broken[] {
  return value ? [] : [broken(rule)];
}

/** Compares with the moment of sending, if a HAR file tells it. Any other input was written at an unknown time. */
function time(timestamp: string | undefined, sentAt: number | undefined): Broken[] {
  if (!timestamp) return [broken("timestamp.missing")];
  if (isUnknown(timestamp)) return [];
  if (/^\d{10}$/.test(timestamp)) return [broken("timestamp.seconds")];
  if (!/^\d{13}$/.test(timestamp)) return [broken("timestamp.digits")];
  const aheadMs = Number(timestamp) - (sentAt ?? Date.now());
  if (aheadMs > 0) return [broken("timestamp.future", { span: duration(aheadMs) })];
  const isExpired = sentAt !== undefined && -aheadMs > TIMESTAMP_LIFETIME_MS;
  return isExpired ? [broken("timestamp.expired", { span: duration(-aheadMs) })] : [];
}

/** Whether only the shell knew the value. */
export function isUnknown(value: string): boolean {
  return value.includes(UNKNOWN);
}

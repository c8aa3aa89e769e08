import { STATUS_CODES } from "node:http";
import { isRecord } from "../input-checks.ts";
import type { ProviderEmulation, Side } from "../provider/provider.ts";
import { type Answer, jsonAnswer, parseJson, withHeaders } from "../server/http-message.ts";
import type { Fault } from "./fault.ts";

const HTML_PAGE = `<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>
`;

/** HTTP allows no body with these. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

const DEFAULT_HUGE_BYTES = 2 * 1024 * 1024;
const DEFAULT_AGE_SECONDS = 600;

/** The answer of a fault that replaces the provider's; undefined for all other kinds. */
export function replacementAnswer(fault: Fault, side: Side, provider: ProviderEmulation): Answer | undefined {
  switch (fault.kind) {
    case "status":
      return statusAnswer(fault.status, fault.body, fault.headers ?? {});
    case "provider-error":
      return withHeaders(provider.problem(side, fault), fault.headers ?? {});
    case "html":
      return { status: fault.status ?? 502, headers: { "Content-Type": "text/html" }, body: HTML_PAGE };
    case "empty":
      return { status: fault.status ?? 200, headers: {}, body: "" };
    case "redirect":
      return { status: fault.status ?? 302, headers: { Location: fault.location }, body: "" };
    case "tokenless":
      return provider.tokenless();
    case "null-response":
      return jsonAnswer(200, { code: 0, message: null, response: null });
    default:
      return undefined;
  }
}

/** The answer, changed by one fault. `now` is the server's time, epoch ms. */
export function changedAnswer(answer: Answer, fault: Fault, provider: ProviderEmulation, now: number): Answer {
  switch (fault.kind) {
    case "huge":
      return padded(answer, fault.bytes ?? DEFAULT_HUGE_BYTES);
    case "expires-in":
      return withLifetime(answer, fault.value, provider);
    case "stale": {
      const ageSeconds = fault.ageSeconds ?? DEFAULT_AGE_SECONDS;
      return withHeaders(answer, { Age: String(ageSeconds), Date: httpDate(now - ageSeconds * 1000) });
    }
    case "date":
      return withDate(answer, fault, now);
    default:
      return answer;
  }
}

/** A time as a `Date` header, rounded down to the second. */
export function httpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}

function statusAnswer(status: number, body: unknown, headers: Record<string, string>): Answer {
  if (body !== undefined && typeof body !== "string") return jsonAnswer(status, body, headers);
  const text = body ?? (NO_BODY.has(status) ? "" : (STATUS_CODES[status] ?? String(status)));
  return { status, headers: { "Content-Type": "text/plain;charset=UTF-8", ...headers }, body: text };
}

/** White space before JSON is valid JSON, so a client that reads without a limit accepts the answer. */
function padded(answer: Answer, bytes: number): Answer {
  const body = Buffer.from(answer.body);
  return { ...answer, body: Buffer.concat([Buffer.alloc(Math.max(0, bytes - body.length), " "), body]) };
}

function withLifetime(answer: Answer, lifetime: unknown, provider: ProviderEmulation): Answer {
  const body = answer.status === 200 ? parseJson(String(answer.body)) : undefined;
  return isRecord(body) ? { ...answer, body: JSON.stringify(provider.withLifetime(body, lifetime)) } : answer;
}

function withDate(answer: Answer, { value, offsetMs }: { value?: string; offsetMs?: number }, now: number): Answer {
  const date = value ?? (offsetMs === undefined ? undefined : httpDate(now + offsetMs));
  if (date !== undefined) return withHeaders(answer, { Date: date });
  const { Date: _left, ...headers } = answer.headers;
  return { ...answer, headers };
}

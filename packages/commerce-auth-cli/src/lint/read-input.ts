import { field } from "../answers/answer-fields.ts";
import { type HttpRequest, requestUrl, UnreadableRequest } from "./http-request.ts";
import { readCurl } from "./read-curl.ts";

/** More than any HAR file of a few requests. */
export const LARGEST_INPUT_BYTES = 50 * 1024 * 1024;

/** The requests in a `curl` line, a HAR file or a raw HTTP request. Throws an UnreadableRequest. */
export function readRequests(bytes: Buffer): readonly HttpRequest[] {
  if (bytes.length > LARGEST_INPUT_BYTES) throw new UnreadableRequest("too_large");
  const text = decoded(bytes).trim();
  if (text === "") throw new UnreadableRequest("empty");
  if (text.startsWith("{")) return readHar(text);
  if (/^([$#>]\s+)?curl(\.exe)?\s/.test(text)) return [readCurl(text)];
  if (/^[A-Z]+ \S+/.test(text)) return [readRawHttp(text)];
  throw new UnreadableRequest("no_form");
}

/** PowerShell writes UTF-16 into files. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le").replace(/^\ufeff/, "");
  if (bytes.subarray(0, 8_192).includes(0)) throw new UnreadableRequest("binary");
  return bytes.toString("utf8").replace(/^\ufeff/, "");
}

function readHar(text: string): readonly HttpRequest[] {
  const entries = field(field(parsed(text), "log"), "entries");
  if (!Array.isArray(entries)) throw new UnreadableRequest("har");
  const requests = entries.map(harRequest).filter((request) => request !== undefined);
  if (requests.length === 0) throw new UnreadableRequest("no_entries");
  return requests;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableRequest("har");
  }
}

function harRequest(entry: unknown): HttpRequest | undefined {
  const request = field(entry, "request");
  const url = field(request, "url");
  if (typeof url !== "string" || !URL.canParse(url)) return undefined;
  const postData = field(request, "postData");
  const headers = new Map(pairsIn(field(request, "headers")).map(([name, value]) => [name.toLowerCase(), value]));
  const mimeType = field(postData, "mimeType");
  if (typeof mimeType === "string" && !headers.has("content-type")) headers.set("content-type", mimeType);
  const text = field(postData, "text");
  const parameters = new URLSearchParams(Object.fromEntries(pairsIn(field(postData, "params"))));
  const started = Date.parse(String(field(entry, "startedDateTime")));
  return {
    method: String(field(request, "method") ?? "GET").toUpperCase(),
    url: new URL(url),
    headers,
    body: typeof text === "string" && text !== "" ? text : parameters.toString(),
    sentAt: Number.isNaN(started) ? undefined : started,
    expansions: [],
  };
}

function pairsIn(list: unknown): (readonly [name: string, value: string])[] {
  if (!Array.isArray(list)) return [];
  return list.map((each) => [String(field(each, "name") ?? ""), String(field(each, "value") ?? "")] as const);
}

function readRawHttp(text: string): HttpRequest {
  const [head = "", ...rest] = text.split(/\r?\n\r?\n/);
  const [requestLine = "", ...lines] = head.split(/\r?\n/);
  const [method = "", target = ""] = requestLine.split(/\s+/);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const at = line.indexOf(":");
    if (at > 0) headers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  const host = headers.get("host") ?? "";
  const url = requestUrl(target.startsWith("/") ? `https://${host}${target}` : target);
  return { method, url, headers, body: rest.join("\n\n").trim(), sentAt: undefined, expansions: [] };
}

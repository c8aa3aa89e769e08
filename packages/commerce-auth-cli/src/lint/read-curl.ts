import { type HttpRequest, requestUrl, UNKNOWN, UnreadableRequest } from "./http-request.ts";
import { shellWords } from "./shell-words.ts";

/** curl's options with a value, by their short letters. */
const SHORT: Readonly<Record<string, string>> = {
  X: "request",
  H: "header",
  d: "data",
  F: "form",
  A: "user-agent",
  b: "cookie",
  c: "cookie-jar",
  e: "referer",
  m: "max-time",
  o: "output",
  u: "user",
  w: "write-out",
  x: "proxy",
};

const WITH_VALUE = new Set([
  ...Object.values(SHORT),
  ..."data-raw data-ascii data-binary data-urlencode form-string json url url-query connect-timeout cacert cert key resolve retry".split(
    " ",
  ),
]);

/** A `curl` line. The files that it names are not read, and nothing in it is executed. */
export function readCurl(text: string): HttpRequest {
  const { words, expansions } = shellWords(text.replace(/^\s*[$#>]\s+(?=curl)/, ""));
  const curl = {
    method: "",
    headers: new Map<string, string>(),
    data: [] as string[],
    query: [] as string[],
    urls: [] as string[],
    isGet: false,
  };
  // The next word comes last: shift() would move all words each time.
  const left = words.slice(1).reverse();
  for (let word = left.pop(); word !== undefined; word = left.pop()) {
    const [name, value] = optionOf(word, left);
    if (name === undefined) curl.urls.push(word);
    else use(curl, name, value);
  }
  const [first] = curl.urls;
  if (first === undefined) throw new UnreadableRequest("no_url");
  const url = requestUrl(first);
  const body = curl.data.join("&");
  for (const part of [...curl.query, ...(curl.isGet ? [body] : [])])
    url.search += `${url.search === "" ? "?" : "&"}${part}`;
  const hasBody = curl.data.length > 0 && !curl.isGet;
  return {
    method: (curl.method || (hasBody ? "POST" : "GET")).toUpperCase(),
    url,
    headers: withDefaultType(curl.headers, hasBody),
    body: hasBody ? body : "",
    sentAt: undefined,
    expansions,
  };
}

interface Curl {
  method: string;
  readonly headers: Map<string, string>;
  readonly data: string[];
  readonly query: string[];
  readonly urls: string[];
  isGet: boolean;
}

/** An option's long name and its value, which may be the last word that is left; no name for anything else. */
function optionOf(word: string, left: string[]): readonly [name: string | undefined, value: string] {
  const long = /^--([a-z][\w-]*)(?:=([\s\S]*))?$/.exec(word);
  if (long?.[1] !== undefined) {
    const value = long[2] ?? (WITH_VALUE.has(long[1]) ? (left.pop() ?? "") : "");
    return [long[1], value];
  }
  const short = /^-([A-Za-z])([\s\S]*)$/.exec(word);
  if (short?.[1] === undefined) return [undefined, ""];
  const name = SHORT[short[1]];
  if (name === undefined) return [short[1] === "G" ? "get" : "flag", ""];
  return [name, short[2] || (left.pop() ?? "")];
}

function use(curl: Curl, name: string, value: string): void {
  if (name === "request") curl.method = value;
  if (name === "url") curl.urls.push(value);
  if (name === "get") curl.isGet = true;
  if (name === "url-query") curl.query.push(value);
  if (name === "header") addHeader(curl.headers, value);
  if (name === "json") {
    curl.headers.set("content-type", "application/json");
    curl.data.push(value);
  }
  if (name === "form" || name === "form-string") {
    curl.headers.set("content-type", "multipart/form-data");
    curl.data.push(value);
  }
  // "@file": what is in the file stays unknown.
  if (/^data(-ascii|-binary)?$/.test(name)) curl.data.push(value.startsWith("@") ? UNKNOWN : value);
  if (name === "data-raw") curl.data.push(value);
  if (name === "data-urlencode") curl.data.push(encodedPair(value));
}

function encodedPair(pair: string): string {
  const at = pair.indexOf("=");
  const encode = (text: string) => text.split(UNKNOWN).map(encodeURIComponent).join(UNKNOWN);
  return at === -1 ? encode(pair) : `${pair.slice(0, at)}=${encode(pair.slice(at + 1))}`;
}

function addHeader(headers: Map<string, string>, line: string): void {
  const at = line.indexOf(":");
  if (at > 0) headers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
}

function withDefaultType(headers: Map<string, string>, hasBody: boolean): ReadonlyMap<string, string> {
  return hasBody && !headers.has("content-type")
    ? new Map([...headers, ["content-type", "application/x-www-form-urlencoded"]])
    : headers;
}

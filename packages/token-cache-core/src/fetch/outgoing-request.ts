import { readBoundedBytes } from "../bounded-body.ts";
import { ownMembers } from "../own-members.ts";

/** A header's name, in lower case, and its value. A list of them takes much less time than `Headers`. */
export type HeaderPair = [name: string, value: string];

/** A request taken apart, so that it can be sent more than once and by any implementation of `fetch`. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
  readonly redirect: string;
  readonly signal: AbortSignal | undefined;
  /** All other members, and the signal once more: beside a base, `null` removes the base's signal. */
  readonly init: RequestInit;
  /** Whether the body, if any, is still there after it was sent. */
  readonly canResend: boolean;
  /** A copy of the caller's Request: it keeps what no init can say, such as Node's private `dispatcher`. */
  readonly base: Request | undefined;
}

/** A Request's body up to this size is kept and can be sent again. A larger one is streamed and sent once. */
const LARGEST_KEPT_BODY_BYTES = 1024 * 1024;

type FetchInput = Parameters<typeof globalThis.fetch>[0];

/** An init whose members were read once: later changes by its owner have no effect, as with every fetch. */
interface GivenInit extends Omit<RequestInit, "headers"> {
  readonly headers?: HeaderPair[] | undefined;
}

type Body = Exclude<RequestInit["body"], undefined>;

/** Takes apart the arguments of `fetch`; synchronously, unless a Request's body has to be read. */
export function outgoingRequest(input: FetchInput, init?: RequestInit): OutgoingRequest | Promise<OutgoingRequest> {
  const given = readInit(init);
  return input instanceof Request ? fromRequest(input, given) : fromParts(new URL(input), given);
}

/** Headers in any form, checked as every fetch checks them. */
export function headerPairs(headers: RequestInit["headers"]): HeaderPair[] {
  return headers === undefined ? [] : [...new Headers(headers)];
}

function readInit(init: RequestInit | undefined): GivenInit {
  const given = ownMembers(init) as GivenInit & RequestInit;
  if (given.headers !== undefined) Object.assign(given, { headers: headerPairs(given.headers) });
  if (given.body !== undefined) given.body = bodyOfNow(given.body);
  return given;
}

/** A copy of a body that its owner could change while the token is waited for. */
function bodyOfNow(body: Body): Body {
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (!(body instanceof FormData)) return body;
  const form = new FormData();
  for (const [name, value] of body) form.append(name, value);
  return form;
}

function fromParts(url: URL, given: GivenInit, base?: Request): OutgoingRequest {
  const { method = "GET", headers = [], redirect = "follow", ...init } = given;
  return {
    url,
    // An object with a `toString` could give another text at each read.
    method: `${method}`,
    headers,
    redirect: `${redirect}`,
    signal: init.signal ?? undefined,
    init,
    canResend: isReusable(init.body),
    base,
  };
}

async function fromRequest(input: Request, given: GivenInit): Promise<OutgoingRequest> {
  if (input.bodyUsed)
    throw new TypeError("The Request's body has been used already. Clone the Request before its first use.");
  // The platform's own copy: a subclass may name another URL than the one it is sent to. An empty body leaves the
  // input's unread.
  const base = new Request(input, input.body === null ? {} : { body: new Uint8Array() });
  const members = { ...requestMembers(input), ...withoutUndefined(given) };
  const body = given.body == null ? await bodyOf(input) : undefined;
  return fromParts(new URL(base.url), ownMembers<GivenInit>({ ...members, ...body }), base);
}

/** Members of a Request that are left out if they have these values. A custom fetch may not know them. */
const DEFAULTS = {
  cache: "default",
  credentials: "same-origin",
  integrity: "",
  keepalive: false,
  mode: "cors",
  referrer: "about:client",
  referrerPolicy: "",
} as const;

/** Members that a platform adds to those of the standard: Next.js, Cloudflare Workers and undici. */
const PLATFORM_MEMBERS = ["next", "cf", "dispatcher"];

function requestMembers(input: Request): GivenInit {
  const { method, headers, redirect, signal } = input;
  const members: Record<string, unknown> = { method, headers: headerPairs(headers), redirect, signal };
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const value = input[name as keyof typeof DEFAULTS];
    // No init may ask for a navigation.
    if (value !== undefined && value !== usual && value !== "navigate") members[name] = value;
  }
  for (const name of PLATFORM_MEMBERS) {
    if (!Object.hasOwn(input, name) && !Object.hasOwn(Request.prototype, name)) continue;
    const value = (input as unknown as Record<string, unknown>)[name];
    if (value !== undefined) members[name] = value;
  }
  return members;
}

/** The Request's body. A small one is read, so that it can be sent again. */
async function bodyOf(request: Request): Promise<Pick<RequestInit, "body" | "duplex">> {
  if (request.body === null) return {};
  const copy = request.clone();
  const bytes = await readBoundedBytes(copy, LARGEST_KEPT_BODY_BYTES, request.signal);
  if (bytes === undefined) return { body: request.body, duplex: "half" };
  request.body.cancel().catch(() => {});
  return { body: bytes };
}

/** Streams and iterators are gone once sent; text, bytes, forms and blobs are not. */
function isReusable(body: unknown): boolean {
  return !(
    typeof body === "object" &&
    body !== null &&
    (body instanceof ReadableStream || Symbol.asyncIterator in body)
  );
}

function withoutUndefined(init: GivenInit): GivenInit {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}

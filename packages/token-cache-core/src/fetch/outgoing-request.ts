import { abortable } from "../abortable.ts";
import { readBoundedBytes } from "../bounded-body.ts";

/** A header's name, in lower case, and its value. A list of them takes much less time than `Headers`. */
export type HeaderPair = [name: string, value: string];

/** A request taken apart, so that it can be sent more than once and by any implementation of `fetch`. */
export interface OutgoingRequest {
  readonly url: URL;
  readonly headers: readonly HeaderPair[];
  readonly redirect: Request["redirect"];
  readonly signal: AbortSignal | undefined;
  /** Everything else, body and method included; its headers and redirect mode are to be replaced by those above. */
  readonly init: RequestInit;
  /** Whether the body, if any, is still there after it was sent. */
  readonly canResend: boolean;
}

/** A Request's body is kept up to this size to be sent again; a larger one is streamed, and sent once. */
const LARGEST_KEPT_BODY_BYTES = 1024 * 1024;

type FetchInput = Parameters<typeof globalThis.fetch>[0];

/** Takes apart what `fetch` was called with; at once where it was no Request, whose body may have to be read. */
export function outgoingRequest(input: FetchInput, init: RequestInit = {}): OutgoingRequest | Promise<OutgoingRequest> {
  return input instanceof Request ? fromRequest(input, init) : fromParts(new URL(input), init);
}

async function fromRequest(input: Request, init: RequestInit): Promise<OutgoingRequest> {
  const { url, method, headers, redirect, signal } = input;
  const body = init.body === undefined ? await bodyOf(input) : undefined;
  return fromParts(new URL(url), { method, headers, redirect, signal, ...body, ...withoutUndefined(init) });
}

/** Headers in any form, checked as any fetch does. */
export function headerPairs(headers: RequestInit["headers"]): HeaderPair[] {
  return headers === undefined ? [] : [...new Headers(headers)];
}

/** The init with a body that its caller cannot change any more while the token is waited for, as with any fetch. */
export function withBodyOfNow(init: RequestInit): RequestInit {
  const { body } = init;
  if (body instanceof ArrayBuffer) return { ...init, body: body.slice(0) };
  if (ArrayBuffer.isView(body)) {
    return { ...init, body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice() };
  }
  if (body instanceof URLSearchParams) return { ...init, body: new URLSearchParams(body) };
  if (!(body instanceof FormData)) return init;
  const form = new FormData();
  for (const [name, value] of body) form.append(name, value);
  return { ...init, body: form };
}

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect({ status }: Response): boolean {
  return REDIRECT_STATUSES.has(status);
}

/** What goes with a body that is not sent any more. */
const BODY_HEADERS: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-location",
]);

/** Where a redirect leads, by the Fetch standard's rules; `undefined` where the response is none. */
export function redirectedRequest(request: OutgoingRequest, response: Response): OutgoingRequest | undefined {
  const location = isRedirect(response) ? response.headers.get("location") : null;
  if (location === null) return undefined;
  const url = new URL(location, request.url);
  if (url.hash === "") url.hash = request.url.hash;
  const method = (request.init.method ?? "GET").toUpperCase();
  const becomesGet =
    response.status === 303 ? method !== "GET" && method !== "HEAD" : response.status <= 302 && method === "POST";
  if (becomesGet) {
    const { body: _, ...init } = request.init;
    const headers = request.headers.filter(([name]) => !BODY_HEADERS.has(name));
    return { ...request, url, headers, init: { ...init, method: "GET" }, canResend: true };
  }
  if (!request.canResend) throw new TypeError("A redirect asks for a body that was a stream and is gone.");
  return { ...request, url };
}

function fromParts(url: URL, init: RequestInit): OutgoingRequest {
  return {
    url,
    headers: headerPairs(init.headers),
    redirect: init.redirect ?? "follow",
    signal: init.signal ?? undefined,
    init,
    canResend: isReusable(init.body),
  };
}

async function bodyOf(request: Request): Promise<RequestInit> {
  if (request.bodyUsed) throw new TypeError("The Request's body has been used already.");
  if (request.body === null) return {};
  const copy = request.clone();
  const bytes = await abortable(readBoundedBytes(copy, LARGEST_KEPT_BODY_BYTES), request.signal);
  if (bytes === undefined) return { body: request.body, duplex: "half" } as RequestInit;
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

function withoutUndefined(init: RequestInit): RequestInit {
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
}

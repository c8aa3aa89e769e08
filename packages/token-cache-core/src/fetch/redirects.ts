import type { OutgoingRequest } from "./outgoing-request.ts";

/** The Fetch standard follows 20 redirects. */
export const MOST_REDIRECTS = 20;

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export function isRedirect({ status }: Response): boolean {
  return REDIRECT_STATUSES.has(status);
}

/** Headers that describe a body. A redirect that drops the body drops them too. */
const BODY_HEADERS: ReadonlySet<string> = new Set([
  "content-type",
  "content-length",
  "content-encoding",
  "content-language",
  "content-location",
]);

/** The next request by the Fetch standard's rules; `undefined` if the response is no redirect. */
export function redirectedRequest(request: OutgoingRequest, response: Response): OutgoingRequest | undefined {
  const location = isRedirect(response) ? response.headers.get("location") : null;
  if (location === null) return undefined;
  const url = new URL(location, request.url);
  if (url.hash === "") url.hash = request.url.hash;

  const method = request.method.toUpperCase();
  const becomesGet =
    response.status === 303 ? method !== "GET" && method !== "HEAD" : response.status <= 302 && method === "POST";
  if (becomesGet) {
    const { body: _, ...init } = request.init;
    const headers = request.headers.filter(([name]) => !BODY_HEADERS.has(name));
    return { ...request, url, headers, method: "GET", init, canResend: true };
  }
  if (!request.canResend)
    throw new TypeError("A redirect needs the body again, which was a stream. Send text or bytes instead.");
  return { ...request, url };
}

import type { AccessToken } from "../contract/access-token.ts";
import type { TokenCacheLike } from "../contract/token-cache.ts";
import { TokenError } from "../contract/token-error.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { checkUrl } from "../provider/options.ts";
import { type Instant, instant } from "../time/clock.ts";
import { type ApiAnswer, apiAnswer } from "./api-answer.ts";
import {
  type HeaderPair,
  headerPairs,
  isRedirect,
  type OutgoingRequest,
  outgoingRequest,
  redirectedRequest,
  withBodyOfNow,
} from "./outgoing-request.ts";

/** Options of {@link createAuthenticatedFetch}. */
export interface AuthenticatedFetchOptions {
  readonly cache: TokenCacheLike;
  readonly source: TokenSource;
  /** The only origins that the token is sent to: `https:`, or `http:` on loopback. */
  readonly allowedOrigins: readonly string[];
  /** Whether an answer says that the token is bad, so that another one may help. */
  isRefused(answer: ApiAnswer): boolean | Promise<boolean>;
  /** Sends the requests. Always called with a URL string and an init. Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Headers for every request that does not set them itself. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** As many as the Fetch standard follows. */
const MOST_REDIRECTS = 20;

const LEARN_INTERVAL_MS = 1_000;

/**
 * A standard `fetch` that puts the token on. A refused token is renewed once for all callers and the request sent again
 * once; a request that cannot be sent again, because its body is a stream, gets the refusal as its answer. The token
 * goes to the allowed origins only, redirects included. A request with an `Authorization` header of its own is an error.
 *
 * @throws TokenError `origin_not_allowed` before anything is sent there; `token_refused` where renewing brings the same
 *   token; and what `getToken` throws. Everything else is as with `fetch`.
 */
export function createAuthenticatedFetch(options: AuthenticatedFetchOptions): typeof globalThis.fetch {
  const { cache, source, isRefused, fetch = (input, init) => globalThis.fetch(input, init) } = options;
  const defaultHeaders = headerPairs(options.headers);
  const origins = options.allowedOrigins.map((origin) => checkUrl(source.provider, "allowedOrigins", origin).origin);
  const allowedPrefixes = origins.map((origin) => `${origin}/`);
  let learntAt = Number.NEGATIVE_INFINITY;
  let authorization: { token: AccessToken; pair: HeaderPair } | undefined;

  return async (input, init) => {
    const taken = outgoingRequest(input, init && withBodyOfNow(init));
    const request = taken instanceof Promise ? await taken : taken;
    checkTarget(request.url);
    if (hasHeader(request.headers, "authorization")) throw ownAuthorizationError(source.provider);

    const { signal } = request;
    const token = await cache.getToken(source, signal && { signal });
    const first = await send(request, token);
    const { response, hop } = isRedirect(first)
      ? await follow(request, first, token)
      : { response: first, hop: request };
    const verdict = isRefused(apiAnswer(response, hop.init.method ?? "GET"));
    if (verdict === false || !(await verdict)) return response;

    const renewal = cache.getToken(source, { refusedTokenId: token.id, signal });
    if (!hop.canResend) {
      renewal.catch(() => {});
      return response;
    }
    response.body?.cancel().catch(() => {});
    // Only what was refused is sent again: the order before a redirect was taken, and must not be placed twice.
    const renewed = await renewal;
    return (await follow(hop, await send(hop, renewed), renewed)).response;
  };

  /** Sends a request with the token on it. */
  function send({ url, headers: own, redirect, init }: OutgoingRequest, token: AccessToken): Promise<Response> {
    const headers: HeaderPair[] = [...own, authorizationOf(token)];
    for (const pair of defaultHeaders) if (!hasHeader(own, pair[0])) headers.push(pair);
    const sentAt = instantToLearnFrom(url);
    const answer = fetch(url.href, { ...init, headers, redirect: redirect === "follow" ? "manual" : redirect });
    return sentAt === undefined ? answer : learnFrom(answer, sentAt);
  }

  /** Follows an answer's redirects as long as they stay at home: to the last hop. */
  async function follow(
    request: OutgoingRequest,
    answer: Response,
    token: AccessToken,
  ): Promise<{ response: Response; hop: OutgoingRequest }> {
    let [hop, response] = [request, answer];
    for (let redirects = 0; ; redirects++) {
      const next = hop.redirect === "follow" ? redirectedRequest(hop, response) : undefined;
      if (next === undefined) return { response, hop };
      response.body?.cancel().catch(() => {});
      if (redirects === MOST_REDIRECTS) throw new TypeError(`More than ${MOST_REDIRECTS} redirects.`);
      checkTarget(next.url);
      response = await send(next, token);
      hop = next;
    }
  }

  function authorizationOf(token: AccessToken): HeaderPair {
    if (authorization?.token !== token) {
      authorization = { token, pair: ["authorization", `${token.tokenType} ${token.value}`] };
    }
    return authorization.pair;
  }

  /** The answers of one server tell its clock. One of them a second is enough, and costs the others nothing. */
  function instantToLearnFrom(url: URL): Instant | undefined {
    const monotonic = cache.clock.monotonic();
    if (monotonic - learntAt < LEARN_INTERVAL_MS || url.origin !== source.origin) return undefined;
    learntAt = monotonic;
    return { wall: cache.clock.wall(), monotonic };
  }

  async function learnFrom(answer: Promise<Response>, sentAt: Instant): Promise<Response> {
    const response = await answer;
    cache.serverClock(source).learnFromHeaders(response.headers, sentAt, instant(cache.clock));
    return response;
  }

  function checkTarget(url: URL): void {
    // As the URL standard writes an address down, nothing else begins so: neither another scheme, host or port, nor a user
    // name or password before the host, nor a blob: URL, whose origin is that of the page that made it.
    if (allowedPrefixes.some((prefix) => url.href.startsWith(prefix))) return;
    const message =
      `The token is for ${origins.join(", ")} and is not sent to ${url.origin}. ` +
      'Use a plain fetch for other hosts, and redirect: "manual" to see where a redirect leads.';
    throw new TokenError("origin_not_allowed", { message, provider: source.provider });
  }
}

function hasHeader(headers: readonly HeaderPair[], name: string): boolean {
  return headers.some(([given]) => given === name);
}

function ownAuthorizationError(provider: string): TokenError {
  const message = "The request has an Authorization header already. Leave it out, or use a plain fetch.";
  return new TokenError("invalid_options", { message, provider });
}

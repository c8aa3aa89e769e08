import type { AccessToken } from "../contract/access-token.ts";
import { type ApiAnswer, apiAnswer } from "../contract/api-answer.ts";
import type { LaneOwner, PacedCall, PacingOptions, WaitBudget } from "../contract/rate-limits.ts";
import type { TokenCacheLike } from "../contract/token-cache-like.ts";
import { TokenError } from "../contract/token-error.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { checkUrl } from "../options/checks.ts";
import { ownMembers } from "../own-members.ts";
import { type ApplicationLimits, laneOwnerOf } from "../rate-limit/lane-owner.ts";
import { instant } from "../time/clock.ts";
import { sendAgainIfLost } from "./lost-connection.ts";
import { type HeaderPair, headerPairs, type OutgoingRequest, outgoingRequest } from "./outgoing-request.ts";
import { rememberToken } from "./redaction.ts";
import { isRedirect, MOST_REDIRECTS, redirectedRequest } from "./redirects.ts";
import { foreignDispatcherError } from "./system-error.ts";

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
  /** What the provider counts calls by, and how calls wait for their turn. Default: calls are sent at once. */
  readonly rateLimit?: CallPacing | undefined;
}

/** How the calls of one application take turns: see {@link AuthenticatedFetchOptions.rateLimit}. */
export interface CallPacing extends PacingOptions, ApplicationLimits {}

const LEARN_INTERVAL_MS = 1_000;

/** Once with a young token that the API may not know yet, and once with its successor (case 26). */
const MOST_RESENDS = 2;

/**
 * A standard `fetch` that adds the token. The token goes to the allowed origins only, redirects included. A request with
 * an `Authorization` header of its own is an error.
 *
 * A refused token is renewed once for all callers. Then the request is sent again, once. If the token is younger than
 * the policy's `propagationMs`, the request is first sent again with the same token. A stream cannot be sent again: its
 * caller gets the refusal as the answer.
 *
 * A GET or HEAD is sent again, twice at most, if the server closes the connection before it answers.
 *
 * A redirect or a renewed token needs another turn of the rate limit. If none comes in time, the redirect or the refusal
 * is the answer. So the errors `rate_limited` and `quota_exhausted` never hide that a request took effect.
 *
 * @throws TokenError `origin_not_allowed` before anything is sent to another origin; `token_refused` if a renewal
 * brings the same token; `invalid_options` if the dispatcher is of another undici than the fetch; and the errors of
 * `getToken`. All other errors are those of `fetch`.
 */
export function createAuthenticatedFetch(options: AuthenticatedFetchOptions): typeof globalThis.fetch {
  const { cache, source, isRefused, fetch, headers, allowedOrigins, rateLimit } = ownMembers(options);
  const defaultHeaders = headerPairs(headers);
  const origins = allowedOrigins.map((origin) => checkUrl(source.provider, "allowedOrigins", origin).origin);
  const allowedPrefixes = origins.map((origin) => `${origin}/`);
  let learntAt = Number.NEGATIVE_INFINITY;
  let lanes: { readonly application: string; readonly owner: LaneOwner } | undefined;
  let authorization: { token: AccessToken; pair: HeaderPair } | undefined;

  return async (input, init) => {
    const taken = outgoingRequest(input, init);
    const request = taken instanceof Promise ? await taken : taken;
    checkTarget(request.url);
    if (hasHeader(request.headers, "authorization")) throw ownAuthorizationError(source.provider);

    const { signal } = request;
    const budget: WaitBudget = { leftMs: rateLimit?.maxWaitMs ?? 0 };
    let token = await cache.getToken(source, signal && { signal });
    const first = await send(request, token, budget);
    let { response, hop } = isRedirect(first)
      ? await follow(request, first, token, budget)
      : { response: first, hop: request };
    for (let resends = 0; resends < MOST_RESENDS; resends++) {
      const verdict = isRefused(apiAnswer(response, hop.method, cache.clock));
      if (verdict === false || !(await verdict)) return response;

      const renewal = cache.getToken(source, { refusedTokenId: token.id, signal });
      if (!hop.canResend) {
        renewal.catch(() => {});
        return response;
      }
      const renewed = await renewal.catch((error) => {
        // After a redirect, an error that says "call again" would have an order placed twice.
        if (hop !== request && TokenError.is(error) && error.retryable) return undefined;
        cancelBody(response);
        throw error;
      });
      if (renewed === undefined) return response;
      const isRenewed = renewed.id !== token.id;
      token = renewed;
      // Only the refused request is sent again: an order before a redirect was taken, and must not be placed twice.
      const answer = await sendNext(hop, token, budget, response);
      if (answer === response) return response;
      ({ response, hop } = await follow(hop, answer, token, budget));
      if (isRenewed) return response;
    }
    return response;
  };

  /** Sends a request with the token. */
  async function send(request: OutgoingRequest, token: AccessToken, budget: WaitBudget): Promise<Response> {
    const { url, method, headers: own, redirect, init } = request;
    const headers: HeaderPair[] = [...own, authorizationOf(token)];
    for (const pair of defaultHeaders) if (!hasHeader(own, pair[0])) headers.push(pair);
    const mode = redirect === "follow" ? "manual" : (redirect as Request["redirect"]);
    const sent = ownMembers<RequestInit>({ ...init, method, headers, redirect: mode });

    const transmit = async (answered?: (response: Response) => Response | Promise<Response>) => {
      const sentAt = isClockDue(url) ? instant(cache.clock) : undefined;
      const response = await sendAgainIfLost(request, () =>
        fetch === undefined
          ? globalThis.fetch(request.base?.url === url.href ? request.base : url.href, sent)
          : fetch(url.href, sent),
      ).catch((error) => {
        throw foreignDispatcherError(source.provider, error) ?? error;
      });
      checkAnswer(response);
      if (sentAt !== undefined) {
        cache.serverClock(source).learnFromHeaders(response.headers, sentAt, instant(cache.clock));
      }
      return answered === undefined ? response : answered(response);
    };
    const response = await (rateLimit === undefined ? transmit() : inTurn(rateLimit, budget, request, transmit));
    rememberToken(response, token);
    return response;
  }

  /**
   * Sends the next request of a call. If it gets no turn, the result is the call's last answer, which says what took
   * effect. So `rate_limited` and `quota_exhausted` never hide that something did.
   */
  async function sendNext(
    request: OutgoingRequest,
    token: AccessToken,
    budget: WaitBudget,
    lastAnswer: Response,
  ): Promise<Response> {
    try {
      checkTarget(request.url);
      const response = await send(request, token, budget);
      cancelBody(lastAnswer);
      return response;
    } catch (error) {
      if (isEndOfWait(error)) return lastAnswer;
      cancelBody(lastAnswer);
      throw error;
    }
  }

  /** Sends a request when its turn comes. */
  function inTurn(
    pacing: CallPacing,
    budget: WaitBudget,
    request: OutgoingRequest,
    send: PacedCall["send"],
  ): Promise<Response> {
    const { url, method, canResend, signal } = request;
    const { resendAnyMethod } = pacing;
    const application = pacing.application();
    if (lanes?.application !== application) lanes = { application, owner: laneOwnerOf(source, pacing) };
    const { owner } = lanes;
    return cache.pacer.send({
      owner,
      url,
      method: method.toUpperCase(),
      identity: source.key,
      canResend,
      resendAnyMethod,
      signal,
      budget,
      send,
    });
  }

  /** Follows an answer's redirects to the last hop, as long as they stay at the allowed origins and get their turns. */
  async function follow(
    request: OutgoingRequest,
    answer: Response,
    token: AccessToken,
    budget: WaitBudget,
  ): Promise<{ response: Response; hop: OutgoingRequest }> {
    let [hop, response] = [request, answer];
    for (let redirects = 0; ; redirects++) {
      const next = hop.redirect === "follow" ? redirectedRequest(hop, response) : undefined;
      if (next === undefined) return { response, hop };
      if (redirects === MOST_REDIRECTS) {
        cancelBody(response);
        throw new TypeError(`More than ${MOST_REDIRECTS} redirects. Check the URL: it may redirect in a circle.`);
      }
      const nextAnswer = await sendNext(next, token, budget, response);
      if (nextAnswer === response) return { response, hop };
      [response, hop] = [nextAnswer, next];
    }
  }

  function authorizationOf(token: AccessToken): HeaderPair {
    if (authorization?.token !== token) {
      authorization = { token, pair: ["authorization", `${token.tokenType} ${token.value}`] };
    }
    return authorization.pair;
  }

  /** One answer a second from the token endpoint's host is enough to know its clock. */
  function isClockDue(url: URL): boolean {
    const monotonic = cache.clock.monotonic();
    if (monotonic - learntAt < LEARN_INTERVAL_MS || url.origin !== source.origin) return false;
    learntAt = monotonic;
    return true;
  }

  function isAllowed(href: string): boolean {
    // The URL standard writes each address in one way. So a URL with another scheme, host or port has no allowed
    // prefix. The same holds for user names and blob: URLs.
    return allowedPrefixes.some((prefix) => href.startsWith(prefix));
  }

  function checkTarget(url: URL): void {
    if (isAllowed(url.href)) return;
    const message =
      `The token is for ${origins.join(", ")} and is not sent to ${url.origin}. ` +
      'Use a plain fetch for other hosts, and redirect: "manual" to see where a redirect leads.';
    throw new TokenError("origin_not_allowed", { message, provider: source.provider });
  }

  /** A custom fetch that follows redirects by itself may have been led to another host, with the token. */
  function checkAnswer(response: Response): void {
    if (!response.redirected || isAllowed(response.url)) return;
    response.body?.cancel().catch(() => {});
    const message =
      `The option fetch followed a redirect away from ${origins.join(", ")}, although it was called with ` +
      'redirect: "manual". The answer is not used. Pass on all of the init that it is called with.';
    throw new TokenError("origin_not_allowed", { message, provider: source.provider });
  }
}

/** Whether a request was not sent, since its turn did not come. */
function isEndOfWait(error: unknown): boolean {
  return TokenError.is(error) && (error.code === "rate_limited" || error.code === "quota_exhausted");
}

function cancelBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}

function hasHeader(headers: readonly HeaderPair[], name: string): boolean {
  return headers.some(([given]) => given === name);
}

function ownAuthorizationError(provider: string): TokenError {
  const message = "The request has an Authorization header already. Leave it out, or use a plain fetch.";
  return new TokenError("invalid_options", { message, provider });
}

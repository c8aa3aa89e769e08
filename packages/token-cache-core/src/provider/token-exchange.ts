import { abortable } from "../abortable.ts";
import { readBoundedText } from "../bounded-body.ts";
import { TokenError } from "../contract/token-error.ts";
import type { IssueContext } from "../contract/token-source.ts";
import { foreignDispatcherError, systemError } from "../fetch/system-error.ts";
import { ownMembers } from "../own-members.ts";
import { type Instant, instant } from "../time/clock.ts";

/** A token endpoint's answer, for a provider's pure half to judge. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; `undefined` if the body is no JSON. */
  readonly body: unknown;
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
}

/** A token request's headers and body, as a provider's pure half builds them. */
export interface TokenRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | URLSearchParams;
}

/** How to exchange credentials for a token: by POST, once. */
export interface TokenExchange {
  readonly provider: string;
  readonly tokenUrl: URL;
  readonly request: TokenRequest;
  /** Called with a URL string and an init. Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Time limit of this one request, in ms. */
  readonly timeoutMs: number;
}

/**
 * No HTTP cache and no framework may cache a token request. Next.js writes answers to disk if a page has `revalidate`,
 * unless the request says `internal`, as Next.js's own requests do. If a version of Next.js does not know that word,
 * `no-store` still keeps the token off the disk. The page is then rendered at each request. Runtimes that refuse the
 * member `cache` have none on their Request.
 */
const UNCACHED: RequestInit = {
  ...("cache" in Request.prototype && { cache: "no-store" }),
  ...{ next: { internal: true } },
};

/** A token answer is much smaller. A larger answer is not one. */
const LARGEST_ANSWER_BYTES = 64 * 1024;

/**
 * Sends a token request in its turn and reads its answer. Bounds the time and the size, follows no redirect, and learns the
 * server's clock. A failure becomes a TokenError that contains nothing of the request.
 *
 * @throws TokenError `network`, `timeout`, `origin_not_allowed` on a redirect, `invalid_response` on a body too large,
 * `invalid_options` if the fetch got the dispatcher of another undici
 */
export async function exchangeToken(exchange: TokenExchange, context: IssueContext): Promise<TokenAnswer> {
  const { provider, tokenUrl, request, fetch = globalThis.fetch, timeoutMs } = ownMembers(exchange);
  const limit = new AbortController();
  const { signal } = limit;
  // The first request of an attempt leaves in this very call.
  const turn = context.takeTurn?.();
  if (turn !== undefined) await turn;
  const timer = context.clock.setTimer(() => limit.abort(timeoutError(exchange)), timeoutMs);
  const follow = () => limit.abort(context.signal.reason);
  // AbortSignal.any is not there in the edge runtime of Next.js.
  if (context.signal.aborted) follow();
  context.signal.addEventListener("abort", follow, { once: true });
  const sentAt = instant(context.clock);
  try {
    // A custom fetch may ignore the signal, so the wait ends here in any case.
    const init = ownMembers<RequestInit>({ ...UNCACHED, method: "POST", ...request, redirect: "manual", signal });
    const sent = fetch(tokenUrl.href, init);
    const response = await abortable(sent, signal);
    const receivedAt = instant(context.clock);
    context.serverClock.learnFromHeaders(response.headers, sentAt, receivedAt);
    const { type, status, redirected } = response;
    // A custom fetch may have followed it all the same: that answer is not the token endpoint's.
    if (redirected || type === "opaqueredirect" || (status >= 300 && status < 400)) {
      response.body?.cancel().catch(() => {});
      throw redirectError(provider, redirected ? 0 : status);
    }
    const text = await abortable(readBoundedText(response, LARGEST_ANSWER_BYTES), signal);
    if (text === undefined) throw tooLargeError(provider, status);
    const { headers } = response;
    const body = parseJson(text);
    await context.learnLimit?.({ method: "POST", status, headers, readJson: async () => body });
    return { status, headers, body, sentAt, receivedAt };
  } catch (thrown) {
    if (TokenError.is(thrown)) throw thrown;
    throw networkError(exchange, thrown);
  } finally {
    timer.cancel();
    context.signal.removeEventListener("abort", follow);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function timeoutError({ provider, tokenUrl, timeoutMs }: TokenExchange): TokenError {
  const message =
    `The token endpoint at ${tokenUrl.host} did not answer within ${timeoutMs} ms. ` +
    "Check DNS, proxy and firewall, or raise timeoutMs.";
  return new TokenError("timeout", { message, provider });
}

function redirectError(provider: string, status: number): TokenError {
  const message =
    "The token endpoint redirected the request, and the redirect is not followed: the secret goes to the token URL only. " +
    'Check the option tokenUrl. A custom fetch must respect redirect: "manual".';
  return new TokenError("origin_not_allowed", { message, provider, providerStatus: status || undefined });
}

function tooLargeError(provider: string, status: number): TokenError {
  const message = `The token endpoint's answer is larger than ${LARGEST_ANSWER_BYTES} bytes. Check the token URL.`;
  return new TokenError("invalid_response", { message, provider, providerStatus: status });
}

/** An HTTP client's own error may hold the whole request, secret included, so only its system code is kept (case 23). */
function networkError({ provider, tokenUrl }: TokenExchange, thrown: unknown): TokenError {
  const { code } = systemError(thrown);
  const message =
    `The token request to ${tokenUrl.host} failed on the network${code === undefined ? "" : ` (${code})`}. ` +
    "Check DNS, proxy and firewall.";
  return foreignDispatcherError(provider, thrown) ?? new TokenError("network", { message, provider });
}

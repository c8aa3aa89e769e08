import { TokenCache } from "../cache/token-cache.ts";
import type { AccessToken } from "../contract/access-token.ts";
import type { PacingOptions } from "../contract/rate-limits.ts";
import type { GetTokenOptions, TokenCacheLike } from "../contract/token-cache-like.ts";
import type { TokenObserver } from "../contract/token-events.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { refuseBrowser } from "../options/browser-guard.ts";
import { invalidOption } from "../options/invalid-option.ts";
import { ownMembers } from "../own-members.ts";
import { type AuthCheck, type AuthCheckOptions, checkAuth } from "./auth-check.ts";

/** Options that every provider's `create…Auth` takes. */
export interface TokenAuthOptions {
  /** A cache to share with other identities. Default: one of its own, closed by {@link TokenAuth.close}. */
  readonly cache?: TokenCacheLike | undefined;
  /** Sends token requests and API calls, for instance through a proxy with a fixed address. Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Time limit of one token request, in ms. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How API calls wait for the provider's rate limits. `false`: they do not wait. Default: a call waits for its turn for 10
   * seconds at most, and then fails with the TokenError `rate_limited`.
   */
  readonly rateLimit?: RateLimitOptions | false | undefined;
  /** Sees every event of the cache. With a cache of your own, set it there. */
  readonly observer?: TokenObserver | undefined;
}

/** How API calls wait for the provider's rate limits. */
export type RateLimitOptions = { readonly [Option in keyof PacingOptions]?: PacingOptions[Option] | undefined };

/** One identity's tokens. */
export interface TokenAuth {
  /**
   * The current access token, issued or renewed if needed.
   *
   * @throws TokenError, or the caller's own abort reason
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /** Drops the current token, if it is the one with this id. */
  invalidate(tokenId: string): Promise<void>;
  /** The current token if there is a usable one in memory. Sends no request. */
  peek(): AccessToken | undefined;
  /**
   * Whether a call would get a token now, and what went wrong lately: for readiness and health endpoints. Never
   * rejects. Sends nothing, unless `issue` is `true`: then it gets a token if none is usable.
   */
  check(options?: AuthCheckOptions): Promise<AuthCheck>;
  readonly source: TokenSource;
  readonly cache: TokenCacheLike;
  /** Closes the cache that this object created. A cache from the option `cache` stays open: close it yourself. */
  close(): Promise<void>;
  /** The same as {@link TokenAuth.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A checked copy of a provider's options: see {@link checkAuthOptions}. */
export type CheckedAuthOptions<Options extends TokenAuthOptions> = Options & {
  /** Time limit of one token request, in ms. */
  readonly timeoutMs: number;
  readonly rateLimit: PacingOptions | false;
};

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_WAIT_MS = 10_000;
const LONGEST_MAX_WAIT_MS = 24 * 60 * 60 * 1_000;

/**
 * Checks what all providers' options have in common, and that this is no browser. Read all options from the copy that
 * this returns: each was read once, and a polluted prototype adds none.
 *
 * @throws TokenError `invalid_options` naming the option
 */
export function checkAuthOptions<Options extends TokenAuthOptions>(
  provider: string,
  options: Options,
): CheckedAuthOptions<Options> {
  refuseBrowser(provider);
  if (typeof options !== "object" || options === null) throw invalidOption(provider, "The options must be an object.");
  const own = ownMembers(options);
  const { cache, fetch, observer, timeoutMs = DEFAULT_TIMEOUT_MS } = own;
  if (fetch !== undefined && typeof fetch !== "function")
    throw invalidOption(provider, "The option fetch must be a function.");
  if (observer !== undefined && typeof observer !== "function") {
    throw invalidOption(provider, "The option observer must be a function.");
  }
  if (cache !== undefined && typeof cache.getToken !== "function") {
    throw invalidOption(provider, "The option cache must be a TokenCache.");
  }
  if (cache !== undefined && observer !== undefined) {
    const message = "The option observer belongs to the cache. Pass it to new TokenCache(…) instead.";
    throw invalidOption(provider, message);
  }
  if (!(typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs < Number.POSITIVE_INFINITY)) {
    throw invalidOption(provider, "The option timeoutMs must be a number of milliseconds above 0.");
  }
  return Object.assign(own, { cache, fetch, observer, timeoutMs, rateLimit: checkRateLimit(provider, own.rateLimit) });
}

function checkRateLimit(provider: string, given: TokenAuthOptions["rateLimit"] = {}): PacingOptions | false {
  if (given === false) return false;
  if (typeof given !== "object" || given === null) {
    throw invalidOption(
      provider,
      "The option rateLimit must be false or an object, for instance { maxWaitMs: 10000 }.",
    );
  }
  const { maxWaitMs = DEFAULT_MAX_WAIT_MS, resendAnyMethod = false } = ownMembers(given);
  if (!(typeof maxWaitMs === "number" && maxWaitMs >= 0 && maxWaitMs <= LONGEST_MAX_WAIT_MS)) {
    throw invalidOption(provider, "The option rateLimit.maxWaitMs must be a number of milliseconds from 0 to one day.");
  }
  if (typeof resendAnyMethod !== "boolean") {
    throw invalidOption(provider, "The option rateLimit.resendAnyMethod must be true or false.");
  }
  return { maxWaitMs, resendAnyMethod };
}

/** Joins a source and a cache to the object that an application keeps. */
export function createTokenAuth(source: TokenSource, options: TokenAuthOptions): TokenAuth {
  const { cache: shared, observer } = ownMembers(options);
  const cache = shared ?? new TokenCache({ observer });
  const close = async () => {
    if (shared === undefined) await cache.close();
  };
  return {
    getToken: (options) => cache.getToken(source, options),
    invalidate: (tokenId) => cache.invalidate(source, tokenId),
    peek: () => cache.peek(source),
    check: (options) => checkAuth(cache, source, options),
    source,
    cache,
    close,
    [Symbol.asyncDispose]: close,
  };
}

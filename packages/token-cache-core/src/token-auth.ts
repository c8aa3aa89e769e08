import type { AccessToken } from "./access-token.ts";
import type { Clock } from "./clock.ts";
import { invalidOption } from "./provider-options.ts";
import { type GetTokenOptions, TokenCache } from "./token-cache.ts";
import type { TokenObserver } from "./token-events.ts";
import type { TokenSource } from "./token-source.ts";

/** Options that every provider's `create…Auth` takes. */
export interface TokenAuthOptions {
  /** A cache to share with other identities. Default: one of its own, closed by {@link TokenAuth.close}. */
  readonly cache?: TokenCache | undefined;
  /** Sends the token requests, for instance through a proxy with a fixed address. Default: the platform's `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Time limit of one token request, in ms. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** Sees every event of the cache. With a cache of your own, set it there. */
  readonly observer?: TokenObserver | undefined;
  /** For tests only. With a cache of your own, set it there. */
  readonly clock?: Clock | undefined;
}

/** One identity's tokens. */
export interface TokenAuth {
  /**
   * The current access token, issued or renewed where needed.
   *
   * @throws TokenError, or the caller's own abort reason
   */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;
  /** Drops the current token, if it is the one with this {@link AccessToken.id}. */
  invalidate(tokenId: string): Promise<void>;
  /** The current token if there is a usable one in memory. Asks nobody. */
  peek(): AccessToken | undefined;
  readonly source: TokenSource;
  readonly cache: TokenCache;
  /** Closes the cache, unless it was handed in: then it is its owner's to close. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Joins a source and a cache to what an application holds on to.
 *
 * @throws TokenError `invalid_options` where the options contradict each other
 */
export function createTokenAuth(source: TokenSource, options: TokenAuthOptions): TokenAuth {
  if (options.cache !== undefined && (options.observer ?? options.clock) !== undefined) {
    const message = "The options observer and clock belong to the cache: pass them to new TokenCache(…) instead.";
    throw invalidOption(source.provider, message);
  }
  const cache = options.cache ?? new TokenCache({ observer: options.observer, clock: options.clock });
  const close = async () => {
    if (options.cache === undefined) await cache.close();
  };
  return {
    getToken: (options) => cache.getToken(source, options),
    invalidate: (tokenId) => cache.invalidate(source, tokenId),
    peek: () => cache.peek(source),
    source,
    cache,
    close,
    [Symbol.asyncDispose]: close,
  };
}

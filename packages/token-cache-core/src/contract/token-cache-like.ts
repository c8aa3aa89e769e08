import type { Clock } from "../time/clock.ts";
import type { ServerClock } from "../time/server-clock.ts";
import type { AccessToken } from "./access-token.ts";
import type { CallPacer } from "./rate-limits.ts";
import type { TokenSource } from "./token-source.ts";
import type { TokenState } from "./token-state.ts";

/** Options of one {@link TokenCacheLike.getToken} call. */
export interface GetTokenOptions {
  /** Ends this caller's wait, and no other caller's. */
  readonly signal?: AbortSignal | undefined;
  /** Asks the provider even if the token is fresh. Within its re-issue window a provider sends the same token again. */
  readonly forceRefresh?: boolean | undefined;
  /** The {@link AccessToken.id} of a token that the API refused. The cache drops it, if it is still the current token. */
  readonly refusedTokenId?: string | undefined;
}

/**
 * What a provider needs of a token cache. An interface without private members, so that a `TokenCache` of another
 * copy of this package is accepted too.
 */
export interface TokenCacheLike {
  /** The clocks of this cache. */
  readonly clock: Clock;
  /**
   * The identity's token. A fresh one comes from memory, and so does a stale one, while a background refresh runs.
   * Otherwise the caller waits for the single flight.
   *
   * @throws TokenError the flight's failure; or the caller's own abort reason
   */
  getToken(source: TokenSource, options?: GetTokenOptions): Promise<AccessToken>;
  /**
   * The identity's token if it is in memory and usable. Sends nothing and changes nothing.
   *
   * @throws TokenError `invalid_options` if credentials are missing
   */
  peek(source: TokenSource): AccessToken | undefined;
  /** What is known about the identity at this moment. Sends nothing, changes nothing, throws nothing. */
  inspect(source: TokenSource): TokenState;
  /** Drops the identity's token from memory and store, if it has this id. The next caller waits for another token. */
  invalidate(source: TokenSource, tokenId: string): Promise<void>;
  /** Sends API calls by the providers' limits, which all identities of an application and all processes share. */
  readonly pacer: CallPacer;
  /** What is known about the clock of the source's host. */
  serverClock(source: TokenSource): ServerClock;
  /** Drops all tokens and ends all flights. Waiting and later calls fail with the TokenError `closed`. */
  close(): Promise<void>;
}

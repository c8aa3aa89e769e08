import type { TurnGrant, TurnRequest } from "./lane-turns.ts";

/** What a store keeps for one key. Only the id is for the store to look at. */
export interface StoredToken {
  /** The token's {@link AccessToken.id}. */
  readonly id: string;
  /** What {@link TokenStore.set} was given: opaque, ASCII, at most a few KiB. */
  readonly payload: string;
}

/** A stored token as {@link TokenStore.get} finds it. */
export interface FoundToken extends StoredToken {
  /** How long it still lives by the store's own clock, in ms: no wall clock is trusted between machines. */
  readonly remainingMs: number;
}

/** The right to issue for one key, which others wait for. */
export interface Lease {
  /** Extends it to `holdMs` from now, if the caller still holds it. Returns whether it does. */
  extend(holdMs: number): Promise<boolean>;
  /** Releases it, if the caller still holds it. */
  release(): Promise<void>;
}

/** A token that the caller of {@link TokenStore.getOrLease} knows already. */
export interface KnownToken {
  /** The token's {@link AccessToken.id}. */
  readonly id: string;
  /** The same token is news if it lives longer than this, in ms: a provider may extend it. */
  readonly remainingMs: number;
}

/** Whether a stored token is news: another token than the known one, or the same one with a later expiry (case 39). */
export function isNews(found: FoundToken, known: KnownToken | undefined): boolean {
  return known === undefined || found.id !== known.id || found.remainingMs > known.remainingMs;
}

/** What {@link TokenStore.getOrLease} answers. */
export type TokenOrLease =
  /** A token that the caller does not know yet. */
  | { readonly type: "token"; readonly token: FoundToken }
  /** There is no such token, and the lease is the caller's from now on. */
  | { readonly type: "lease"; readonly lease: Lease }
  /** There is no such token, and another process holds the lease. */
  | { readonly type: "held" };

/** Why a token is deleted. A change notice names the id of a refused token only. */
export type DeleteReason =
  /** The API refused the token, or its owner invalidated it: no process may use it again. */
  | "refused"
  /**
   * This process cannot read the entry, or the entry outlives its token, and it blocks new tokens. Processes that hold
   * the token keep using it.
   */
  | "unreadable";

/** What {@link TokenStore.changed} reports. */
export interface StoreChange {
  readonly key: string;
  /** The id of a token that was deleted as `refused`. No process may use it again. */
  readonly refusedTokenId?: string | undefined;
}

/** An entry that a store holds for a key and cannot read. */
export interface UnreadableEntry {
  readonly key: string;
  /** The {@link StoredToken.id} that the entry claims. */
  readonly tokenId: string;
  /** How long the entry still lives by the store's own clock, in ms. */
  readonly remainingMs: number;
  /**
   * `unknown_version`: of another format. `unknown_key`: encrypted with another key. `damaged`: changed, truncated or
   * moved since it was written. `other_identity`: written for another key.
   */
  readonly reason: "unknown_version" | "unknown_key" | "damaged" | "other_identity";
}

/**
 * A second level behind a cache's memory that outlives the process or is shared between processes. A store may fail in
 * any way. The cache bounds each operation's time, reports the failure, and continues without the store. Prove one with
 * `testTokenStore` of `@x/token-cache-core/testing`.
 */
export interface TokenStore {
  /** The key's token if one is kept and has not expired. */
  get(key: string): Promise<FoundToken | undefined>;
  /** Keeps a token for `remainingMs`, unless the kept one has another id and expires later: the later expiry wins. */
  set(key: string, token: StoredToken, remainingMs: number): Promise<void>;
  /** Deletes the key's token if it has this id. Returns whether it did. Default reason: `refused`. */
  delete(key: string, tokenId: string, reason?: DeleteReason): Promise<boolean>;
  /**
   * Takes the key's lease for `holdMs` at most, so that a holder that crashes blocks the others for no longer.
   * `undefined`: another process holds it. Without leases, every process issues for itself.
   */
  lease?(key: string, holdMs: number): Promise<Lease | undefined>;
  /**
   * {@link TokenStore.get}, and if that finds nothing or only the known token, {@link TokenStore.lease}: in one step. Only for
   * a store that has leases. Without it, the cache calls `get`, `lease` and `get` again.
   */
  getOrLease?(key: string, holdMs: number, known: KnownToken | undefined): Promise<TokenOrLease>;
  /**
   * Gives turns in a lane, in one atomic step by the store's own clock: see {@link TurnRequest}. Lanes of one group are
   * closed together. A store without it lets each process count its calls for itself.
   */
  take?(group: string, lane: string, request: TurnRequest): Promise<TurnGrant>;
  /**
   * Calls back after any process sets or deletes a token or releases a lease. For all keys, at best effort. Returns a
   * function that stops it. Without it, waiters poll. A token that another process found refused is used until the API
   * refuses it in this process too.
   */
  changed?(listener: (change: StoreChange) => void): () => void;
  /**
   * Calls back when {@link TokenStore.get} finds an entry that it cannot read, which counts as missing. Returns a
   * function that stops it.
   */
  unreadable?(listener: (entry: UnreadableEntry) => void): () => void;
  /** Ends what the store itself has opened, never a client that it was given. */
  close?(): Promise<void>;
}

/** What a cache asks a {@link TokenStore} or a {@link Lease} to do. `listen`: to call back. */
export type StoreOperation =
  | "get"
  | "set"
  | "delete"
  | "lease"
  | "getOrLease"
  | "extend"
  | "release"
  | "listen"
  | "take";

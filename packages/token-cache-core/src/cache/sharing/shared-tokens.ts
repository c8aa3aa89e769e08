import type { IssuedToken } from "../../contract/token-source.ts";
import type { FoundToken, KnownToken, TokenStore } from "../../contract/token-store.ts";
import type { SharedLanes } from "../../rate-limit/lanes.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../../time/clock.ts";
import type { CachedToken } from "../cached-token.ts";
import type { Flight } from "../flight.ts";
import { LATER_BY_AT_LEAST_MS, remainingMs } from "../freshness.ts";
import { StoreCircuitBreaker, type StoreFailureListener } from "./circuit-breaker.ts";
import { HeldLease, LEASE_HOLD_MS } from "./held-lease.ts";
import { KeyListeners } from "./key-listeners.ts";
import type { StoredEnd } from "./stored-end.ts";
import { decodeStored, encodeStored } from "./stored-token.ts";

/** Callbacks for store events. */
export interface SharedTokensListeners {
  readonly onFailure: StoreFailureListener;
  /** Another process deleted a token because the API refused it or its owner invalidated it. */
  readonly onRefused: (key: string, tokenId: string) => void;
  /** Whether this process dropped the token: it was refused or invalidated. */
  readonly isDropped: (key: string, tokenId: string) => boolean;
}

/** What a look into the store finds for a key. */
export type Look =
  | { readonly type: "token"; readonly known: KnownToken; readonly token: IssuedToken }
  /** An entry that counts as missing. */
  | { readonly type: "unreadable"; readonly known: KnownToken }
  /** The lease is ours: the other processes wait. */
  | { readonly type: "lease"; readonly lease: HeldLease }
  /** Another process holds the lease. */
  | { readonly type: "held" };

/** The tokens that processes share through a store: one of them issues, the others adopt. */
export class SharedTokens {
  readonly #store: StoreCircuitBreaker;
  readonly #clock: Clock;
  readonly #onFailure: StoreFailureListener;
  readonly #waiting = new KeyListeners<void>();
  /** Reads in progress. They receive the entries that the store itself cannot read. */
  readonly #looking = new KeyListeners<Pick<StoredEnd, "id" | "remainingMs">>();
  readonly #isDropped: SharedTokensListeners["isDropped"];
  readonly #stopListening: () => void;
  #isClosed = false;

  constructor(store: TokenStore, clock: Clock, timeoutMs: number, listeners: SharedTokensListeners) {
    const { onFailure, onRefused, isDropped } = listeners;
    this.#store = new StoreCircuitBreaker(store, clock, timeoutMs, onFailure);
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#isDropped = isDropped;
    this.#stopListening = this.#store.listen(
      ({ key, refusedTokenId }) => {
        if (refusedTokenId !== undefined) onRefused(key, refusedTokenId);
        this.#waiting.notify(key);
      },
      ({ key, tokenId, remainingMs }) => this.#looking.notify(key, { id: tokenId, remainingMs }),
    );
  }

  /** Whether the store failed last, so that each process issues for itself. */
  get isFailing(): boolean {
    return this.#store.isFailing;
  }

  /** The key's token; nothing once the cache is closed. Takes no lease. `onEnd` receives the end of each entry's token. */
  async peek(key: string, onEnd: (end: StoredEnd) => void): Promise<Look | undefined> {
    if (this.#isClosed) return undefined;
    const readAt = instant(this.#clock);
    const stop = this.#looking.add(key, (end) => onEnd({ ...end, readAt }));
    const found = await this.#store.get(key).finally(stop);
    const look = found && (await this.#read(key, found, readAt, onEnd));
    return this.#isClosed ? undefined : look;
  }

  /**
   * The key's token, unless it is the known one; otherwise the lease, unless another process holds it. `onEnd` receives
   * the end of each entry's token, known or not.
   */
  async look(key: string, known: KnownToken | undefined, onEnd: (end: StoredEnd) => void): Promise<Look> {
    const readAt = instant(this.#clock);
    const stop = this.#looking.add(key, (end) => onEnd({ ...end, readAt }));
    const outcome = await this.#store.getOrLease(key, LEASE_HOLD_MS, known).finally(stop);
    if (outcome.known !== undefined) onEnd({ ...outcome.known, readAt });
    switch (outcome.type) {
      case "token":
        return this.#read(key, outcome.token, readAt, onEnd);
      case "lease":
        return { type: "lease", lease: new HeldLease(this.#clock, outcome.lease) };
      case "held":
        return outcome;
      case "unavailable":
        // Each process issues for itself: one request too many costs less than an outage.
        return { type: "lease", lease: new HeldLease(this.#clock) };
    }
  }

  /** Waits for a change of the key's entry, or for `pollMs` if no notice arrives. */
  async change(key: string, flight: Flight, pollMs: number): Promise<void> {
    const { promise: changed, resolve: wake } = Promise.withResolvers<void>();
    const stop = this.#waiting.add(key, wake);
    try {
      await Promise.race([changed, flight.sleep(pollMs)]);
    } finally {
      stop();
    }
  }

  /** Gives a token to the other processes. */
  async share(cached: CachedToken): Promise<void> {
    const sentAt = instant(this.#clock);
    const leftMs = remainingMs(cached.life, sentAt);
    if (leftMs <= 0) return;
    await this.#store.set(cached.key, encodeStored(cached), leftMs, () => this.#correct(cached, sentAt));
  }

  /**
   * Corrects an entry that this process wrote. Its life begins when the write arrives, so after a late write it ends
   * too late (case 33). The token may also have been dropped meanwhile: its deletion overtook the write (case 32).
   */
  #correct(cached: CachedToken, sentAt: Instant): void {
    if (this.#isClosed) return;
    const { key, token } = cached;
    const now = instant(this.#clock);
    const isDropped = this.#isDropped(key, token.id);
    if (!isDropped && elapsedMs(sentAt, now) < LATER_BY_AT_LEAST_MS) return;
    if (isDropped) this.delete(key, token.id);
    else if (remainingMs(cached.life, now) > 0) this.share(cached);
    else this.#store.delete(key, token.id, "unreadable");
  }

  /** Takes a token that the API refused from all processes. */
  delete(key: string, tokenId: string): Promise<void> {
    return this.#store.delete(key, tokenId, "refused");
  }

  /** The same store's lanes, behind the same circuit breaker. */
  lanes(): SharedLanes {
    return {
      take: (group, lane, request) => this.#store.take(group, lane, request),
      lease: async (key) => {
        const outcome = await this.#store.getOrLease(key, LEASE_HOLD_MS, undefined);
        if (outcome.type === "held") return undefined;
        // Without the store, this process continues alone.
        return new HeldLease(this.#clock, outcome.type === "lease" ? outcome.lease : undefined);
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
  }

  /**
   * Decodes an entry. Reports an unreadable one and deletes it, or its later expiry would always win. An entry of
   * another version stays: that version replaces it.
   */
  async #read(key: string, found: FoundToken, readAt: Instant, onEnd: (end: StoredEnd) => void): Promise<Look> {
    const { id, remainingMs } = found;
    const known = { id, remainingMs: remainingMs + LATER_BY_AT_LEAST_MS };
    const token = decodeStored(key, found, readAt);
    const isReadable = typeof token !== "string";
    onEnd({ id, readAt, remainingMs, ...(isReadable && { lifetimeMs: token.lifetimeMs }) });
    if (isReadable) return { type: "token", known, token };
    this.#onFailure("get", key, token);
    if (token !== "unknown_version") await this.#store.delete(key, id, "unreadable");
    return { type: "unreadable", known };
  }
}

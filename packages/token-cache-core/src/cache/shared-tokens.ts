import type { IssuedToken } from "../contract/token-source.ts";
import type { FoundToken, Lease, StoreChange, TokenStore } from "../contract/token-store.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../time/clock.ts";
import { HeldToken } from "./cached-token.ts";
import { GuardedStore, isLease, type StoreFailureListener } from "./circuit-breaker.ts";
import type { TokenFlight } from "./flight.ts";
import { remainingMs } from "./freshness.ts";
import { decodeStored, encodeStored } from "./stored-token.ts";

/** What a flight does about the token of one key. */
export interface FlightSteps {
  /** Takes over a token that another process issued, if it is news; `undefined` if it is not. */
  adopt(found: IssuedToken): HeldToken | undefined;
  /** Asks the provider. */
  issue(): Promise<HeldToken>;
}

/** Who hears of what happens in the store. */
export interface SharedTokensListeners {
  readonly onFailure: StoreFailureListener;
  /** Another process deleted a token, because the API refused it or its owner wanted so. */
  readonly onDeleted: (key: string, tokenId: string) => void;
}

/** A holder that dies blocks the others for this long; one that lives extends its lease. */
const LEASE_HOLD_MS = 3_000;

/** A waiter that hears of nothing looks by itself, more and more seldom. */
const FIRST_POLL_MS = 15;
const LONGEST_POLL_MS = 200;

/** The tokens that processes share through a store: one of them issues, the others adopt. */
export class SharedTokens {
  readonly #store: GuardedStore;
  readonly #clock: Clock;
  readonly #onFailure: StoreFailureListener;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #stopListening: () => void;

  constructor(store: TokenStore, clock: Clock, timeoutMs: number, { onFailure, onDeleted }: SharedTokensListeners) {
    this.#store = new GuardedStore(store, clock, timeoutMs, onFailure);
    this.#clock = clock;
    this.#onFailure = onFailure;
    this.#stopListening = this.#store.listen(({ key, deletedId }: StoreChange) => {
      if (deletedId !== undefined) onDeleted(key, deletedId);
      for (const wake of this.#waiting.get(key) ?? []) wake();
    });
  }

  /** A token that another process has issued, or one of our own under the lease that makes the others wait. */
  async obtain(key: string, flight: TokenFlight, steps: FlightSteps, waitLimitMs: number): Promise<HeldToken> {
    const turn = await this.#tokenOrLease(key, flight, steps, waitLimitMs);
    if (turn instanceof HeldToken) return turn;
    const stopExtending = turn && this.#keepExtending(turn);
    try {
      const held = await steps.issue();
      const leftMs = remainingMs(held.life, instant(this.#clock));
      if (leftMs > 0) await this.#store.set(key, encodeStored(held), leftMs);
      return held;
    } finally {
      stopExtending?.();
      // Whoever waits for the token need not wait for this.
      turn?.release();
    }
  }

  /** Drops a token that the API refused, for all processes. */
  delete(key: string, tokenId: string): Promise<void> {
    return this.#store.delete(key, tokenId);
  }

  close(): void {
    this.#stopListening();
  }

  /** Waits for a token of another process or for the lease; `undefined` where the store has none to give in time. */
  async #tokenOrLease(
    key: string,
    flight: TokenFlight,
    steps: FlightSteps,
    waitLimitMs: number,
  ): Promise<HeldToken | Lease | undefined> {
    let knownId: string | undefined;
    let pollMs = FIRST_POLL_MS;
    for (;;) {
      const askedAt = instant(this.#clock);
      const outcome = await this.#store.getOrLease(key, LEASE_HOLD_MS, knownId);
      if (outcome === "unavailable") return undefined;
      if (outcome === "held") {
        if (elapsedMs(flight.startedAt, askedAt) >= waitLimitMs) return undefined;
        await this.#changeOrPoll(key, flight, pollMs);
        pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS);
      } else if (isLease(outcome)) {
        return outcome;
      } else {
        const held = await this.#adopt(key, outcome, askedAt, steps);
        // One token may be there that is no news. A store that then comes with yet another is none to wait for.
        if (held !== undefined || knownId !== undefined) return held;
        knownId = outcome.id;
      }
    }
  }

  async #adopt(key: string, found: FoundToken, readAt: Instant, steps: FlightSteps): Promise<HeldToken | undefined> {
    const issued = decodeStored(found, readAt);
    if (typeof issued !== "string") return steps.adopt(issued);
    this.#onFailure("get", key, issued);
    // With a later expiry it would win over every token to come. Another version's entry is its own to replace.
    if (issued === "damaged") await this.#store.delete(key, String(found?.id));
    return undefined;
  }

  async #changeOrPoll(key: string, flight: TokenFlight, pollMs: number): Promise<void> {
    const waiters = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, waiters);
    let wake: () => void = () => {};
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    waiters.add(wake);
    try {
      await Promise.race([changed, flight.sleep(pollMs)]);
    } finally {
      waiters.delete(wake);
      if (waiters.size === 0) this.#waiting.delete(key);
    }
  }

  #keepExtending(lease: Lease): () => void {
    const extend = () => {
      lease.extend(LEASE_HOLD_MS);
      timer = this.#clock.setTimer(extend, LEASE_HOLD_MS / 3);
    };
    let timer = this.#clock.setTimer(extend, LEASE_HOLD_MS / 3);
    return () => timer.cancel();
  }
}

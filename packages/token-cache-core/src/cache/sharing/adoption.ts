import type { IssueReason } from "../../contract/token-events.ts";
import type { TokenSource } from "../../contract/token-source.ts";
import type { KnownToken } from "../../contract/token-store.ts";
import { type Clock, elapsedMs, instant } from "../../time/clock.ts";
import type { CachedToken } from "../cached-token.ts";
import type { Flight } from "../flight.ts";
import type { IssueSlot } from "../issue-slot.ts";
import type { Memory } from "../memory.ts";
import type { HeldLease } from "./held-lease.ts";
import type { SharedTokens } from "./shared-tokens.ts";
import type { StoredEnd } from "./stored-end.ts";

/**
 * The polling of a flight that waits for another process's token. Each poll is slower than the last. A notice ends the
 * wait.
 */
const FIRST_POLL_MS = 15;
const LONGEST_POLL_MS = 200;

/** The share of the flight's time limit that it waits for another process before it asks the provider itself. */
const WAIT_SHARE = 2 / 3;

/** What a flight finds in the store. */
export type Found =
  /** Another process's token, in memory now. */
  | { readonly type: "token"; readonly cached: CachedToken }
  /** The right to issue, together with a slot. */
  | { readonly type: "lease"; readonly lease: HeldLease }
  /** Nothing worth waiting for. */
  | { readonly type: "nothing" };

const NOTHING: Found = { type: "nothing" };

/** Brings another process's token into memory, or the right to issue one. */
export class Adoption {
  readonly #shared: SharedTokens;
  readonly #memory: Memory;
  readonly #clock: Clock;
  readonly #longestWaitMs: number;

  constructor(shared: SharedTokens, memory: Memory, clock: Clock, flightTimeoutMs: number) {
    this.#shared = shared;
    this.#memory = memory;
    this.#clock = clock;
    this.#longestWaitMs = flightTimeoutMs * WAIT_SHARE;
  }

  /**
   * Looks until there is a token or the lease, or until another process has held the lease for too long. A flight that
   * waits in line for a slot holds no lease, and one that waits for a lease no slot.
   */
  async tokenOrLease(source: TokenSource, reason: IssueReason, flight: Flight, slot: IssueSlot): Promise<Found> {
    const onEnd = this.#endListener(source, flight);
    let known: KnownToken | undefined;
    for (let pollMs = FIRST_POLL_MS; ; ) {
      const look = await this.#shared.look(source.key, known, onEnd);
      if (look.type === "lease") {
        if (!flight.signal.aborted && slot.tryTake()) return look;
        look.lease.end();
        await slot.take();
      } else if (look.type === "held") {
        slot.free();
        if (elapsedMs(flight.startedAt, instant(this.#clock)) >= this.#longestWaitMs) return NOTHING;
        await this.#shared.change(source.key, flight, pollMs);
        pollMs = Math.min(pollMs * 1.5, LONGEST_POLL_MS);
      } else {
        flight.signal.throwIfAborted();
        const isWanted = look.type === "token" && reason !== "forced";
        const adopted = isWanted ? this.#memory.adopt(source, look.token, flight) : undefined;
        // One entry may be no news. A store that then returns yet another one is not worth waiting for (case 43).
        if (adopted !== undefined) return { type: "token", cached: adopted };
        if (known !== undefined) return NOTHING;
        known = look.known;
      }
      flight.signal.throwIfAborted();
    }
  }

  /** Another process's token, if it is news. */
  async token(source: TokenSource, flight: Flight): Promise<CachedToken | undefined> {
    const look = await this.#shared.peek(source.key, this.#endListener(source, flight));
    return look?.type === "token" ? this.#memory.adopt(source, look.token, flight) : undefined;
  }

  /** Receives the ends of the tokens in the store. */
  #endListener(source: TokenSource, flight: Flight): (end: StoredEnd) => void {
    return (end) => {
      flight.sees(end);
      this.#memory.believe(source, end);
    };
  }
}

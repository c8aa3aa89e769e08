/** What happens to the lanes of one application. */
export interface LaneGroupInit {
  readonly key: string;
  readonly provider: string;
  /** What an exhausted quota means and what to do about it. */
  readonly quotaMessage: string;
  readonly onClosed: (forMs: number) => void;
  readonly onOpened: () => void;
  /** It was closed, opened, or closed for another time. */
  readonly onChanged: () => void;
}

/**
 * The lanes of one application: an exhausted quota closes them all, as a circuit breaker does. When its period is over, one
 * call is let through, and its answer opens the lanes or closes them again.
 */
export class LaneGroup {
  readonly key: string;
  readonly provider: string;
  readonly quotaMessage: string;
  readonly #init: LaneGroupInit;
  #isClosed = false;
  #closedUntil = 0;
  /** When this process itself closed or opened it last: what was asked before says nothing about now. */
  #setAt = Number.NEGATIVE_INFINITY;

  constructor(init: LaneGroupInit) {
    this.#init = init;
    this.key = init.key;
    this.provider = init.provider;
    this.quotaMessage = init.quotaMessage;
  }

  /** For how long it stays closed, in ms; 0: it is open, or its probe is due. */
  closedForMs(now: number): number {
    return this.#isClosed ? Math.max(0, this.#closedUntil - now) : 0;
  }

  /** Closes it for so long, in ms; 0 opens it. By an answer of the provider, or of the store to what was asked then. */
  setClosed(forMs: number, now: number, askedAt = Number.POSITIVE_INFINITY): void {
    if (askedAt <= this.#setAt) return;
    if (askedAt === Number.POSITIVE_INFINITY) this.#setAt = now;
    const wasClosed = this.#isClosed;
    this.#isClosed = forMs > 0;
    this.#closedUntil = now + forMs;
    if (this.#isClosed && !wasClosed) this.#init.onClosed(forMs);
    if (!this.#isClosed && wasClosed) this.#init.onOpened();
    if (this.#isClosed || wasClosed) this.#init.onChanged();
  }
}

import { LANE_KEPT_MS, LONGEST_DELAY_MS, PROBE_MS } from "../contract/lane-turns.ts";
import type { Turn } from "./bucket.ts";

const PROBE: Turn = { number: undefined, isProbe: true };

/** Callbacks of a {@link QuotaGate}. */
export interface QuotaGateListeners {
  /** Tells the other processes: see {@link QuotaGate.set}. */
  share(closeForMs: number): void;
  onClosed(forMs: number): void;
  onOpened(): void;
  /** It was closed, opened, or closed for another time. */
  onChanged(): void;
}

/**
 * Circuit breaker for an exhausted quota: it closes all lanes of an application. When the period is over, one call is the
 * probe: its answer opens the lanes, or closes them again. Moments are monotonic, in ms.
 */
export class QuotaGate {
  readonly #listeners: QuotaGateListeners;
  #closedUntil: number | undefined;
  /** When this process itself closed or opened it last. Answers to earlier requests are outdated. */
  #setAt = Number.NEGATIVE_INFINITY;

  constructor(listeners: QuotaGateListeners) {
    this.#listeners = listeners;
  }

  /** Whether it is closed, or waits for the answer to its probe. */
  get isClosed(): boolean {
    return this.#closedUntil !== undefined;
  }

  /** Whether nobody needs to know any more that it was closed. A store forgets it at the same time. */
  isOver(now: number): boolean {
    return this.#closedUntil === undefined || this.#closedUntil + LANE_KEPT_MS < now;
  }

  /** For how long it stays closed, in ms; 0: it is open, or its probe is due. */
  closedForMs(now: number): number {
    return this.#closedUntil === undefined ? 0 : Math.max(0, this.#closedUntil - now);
  }

  /** The turn of the probe. The other calls wait for its answer. */
  startProbe(now: number): Turn {
    this.#closedUntil = now + PROBE_MS;
    return PROBE;
  }

  /** An answer of the provider closes it for this long, in ms, as long as a store would; 0 opens it. */
  set(forMs: number, now: number): void {
    this.#setAt = now;
    this.#listeners.share(forMs);
    this.#set(Math.min(forMs, LONGEST_DELAY_MS), now);
  }

  /** The same by the store's answer to a request of the moment `askedAt`. */
  adopt(forMs: number, now: number, askedAt: number): void {
    if (askedAt > this.#setAt) this.#set(forMs, now);
  }

  #set(forMs: number, now: number): void {
    const wasClosed = this.isClosed;
    this.#closedUntil = forMs > 0 ? now + forMs : undefined;
    if (!wasClosed && !this.isClosed) return;
    if (!wasClosed) this.#listeners.onClosed(forMs);
    else if (!this.isClosed) this.#listeners.onOpened();
    this.#listeners.onChanged();
  }
}

import { drained, type Happening, World } from "../world.ts";

/** `setTimeout` takes no longer delay. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** A world in real time: timers, sockets, files and other threads make things happen. */
export class RealWorld extends World {
  /** A busy machine may let a reply in long after a timer is due, and before the timer rings. */
  override readonly timersLateMs = Number.POSITIVE_INFINITY;
  readonly #startedAt = performance.now();
  readonly #timers = new Set<NodeJS.Timeout>();
  #settle = () => {};
  #now: number | undefined;

  /** Time stands still within one turn of the event loop: rules compare a call's start with its end. */
  override get now(): number {
    if (this.#now === undefined) {
      this.#now = this.#elapsedMs();
      setImmediate(() => {
        this.#now = undefined;
      });
    }
    return this.#now;
  }

  override at(at: number, run: () => void): Happening {
    const happening = { at, order: 0, run, isCancelled: false };
    const delayMs = Math.min(Math.max(0, at - this.#elapsedMs()), LONGEST_DELAY_MS);
    const timer = setTimeout(async () => {
      this.#timers.delete(timer);
      if (happening.isCancelled) return;
      this.happened++;
      run();
      await drained();
      this.#settle();
    }, delayMs);
    this.#timers.add(timer);
    return happening;
  }

  override run(until: number, settle: () => void): Promise<void> {
    this.#settle = settle;
    return new Promise((resolve) => this.at(until, resolve));
  }

  /** Nothing happens any more. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#settle = () => {};
  }

  #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }
}

/** One moment, as both clocks of this machine saw it. */
export interface Instant {
  /** Wall clock, epoch ms. Can be stepped in either direction. */
  readonly wall: number;
  /** Monotonic clock, ms from an arbitrary start. Never runs backwards, but may pause while the machine sleeps. */
  readonly monotonic: number;
}

/** A pending {@link Clock.setTimer} callback. */
export interface Timer {
  /** Cancels the timer; it does not call back. */
  cancel(): void;
  /** From now on this timer keeps the process alive. Timers do not do so otherwise. */
  keepAlive(): void;
}

/** The only source of time in this package. Replace it in tests (`@x/token-cache-core/testing`), never in production. */
export interface Clock {
  /** Wall clock, epoch ms. */
  wall(): number;
  /** Monotonic clock, ms. */
  monotonic(): number;
  /** Calls back once, no sooner than after `delayMs`. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

/** `setTimeout` takes a signed 32-bit integer: a year overflows it, and the timer fires immediately. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The timers and the monotonic clock as they are at the import. A test that fakes them later must stop neither retries
 * nor time limits. The wall clock is looked up at each reading, so that such a test can set the time.
 */
const { setTimeout, clearTimeout }: Timers = areFaked() ? unfakedTimers() : globalThis;
const monotonic = performance.now.bind(performance);

interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** Whether a test runner faked the timers before this import, as Jest does with `fakeTimers: { enableGlobally: true }`. */
function areFaked(): boolean {
  return "clock" in globalThis.setTimeout;
}

/** Timers for such a test: a fake one would wait until the test moves its clock. No test runner fakes AbortSignal's. */
function unfakedTimers(): Timers {
  return {
    setTimeout(callback, delayMs) {
      const timer = new AbortController();
      const { signal } = timer;
      AbortSignal.timeout(Math.ceil(delayMs)).addEventListener("abort", callback, { signal });
      return timer;
    },
    clearTimeout: (timer: AbortController) => timer.abort(),
  };
}

/** This machine's clocks. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic,
  setTimer(callback, delayMs) {
    let remainingMs = Math.max(0, delayMs);
    let heldUp = false;
    let handle: unknown;
    const arm = () => {
      const partMs = Math.min(remainingMs, LONGEST_TIMEOUT_MS);
      remainingMs -= partMs;
      handle = setTimeout(remainingMs > 0 ? arm : callback, partMs);
      // Only Node-like runtimes have `unref`; elsewhere timers never keep a process alive.
      if (!heldUp) (handle as { unref?(): void }).unref?.();
    };
    arm();
    return {
      cancel: () => clearTimeout(handle),
      keepAlive() {
        heldUp = true;
        (handle as { ref?(): void }).ref?.();
      },
    };
  },
};

/** Lets the event loop run other tasks, also if a test fakes the timers. */
export function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Reads both clocks. */
export function instant(clock: Clock): Instant {
  return { wall: clock.wall(), monotonic: clock.monotonic() };
}

/**
 * The time from one moment to another, in ms, by the clock that says that more time has passed. The monotonic clock
 * is right when the wall clock is stepped back, the wall clock when the machine slept.
 */
export function elapsedMs(from: Instant, to: Instant): number {
  return Math.max(to.monotonic - from.monotonic, to.wall - from.wall);
}

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
 * The timers as they are at the import: a user's test that fakes them later must not stop retries and time limits. Both
 * clocks are looked up at each reading, so that such a test can set the time.
 */
const { setTimeout, clearTimeout } = globalThis;

let lastMonotonic = 0;
let monotonicOffset = 0;

/** `performance.now()`, which starts anew where a test fakes it: this one stands still instead of running backwards. */
function monotonic(): number {
  const now = performance.now();
  if (now + monotonicOffset < lastMonotonic) monotonicOffset = lastMonotonic - now;
  lastMonotonic = now + monotonicOffset;
  return lastMonotonic;
}

/** This machine's clocks. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic,
  setTimer(callback, delayMs) {
    let remainingMs = Math.max(0, delayMs);
    let heldUp = false;
    let handle: ReturnType<typeof setTimeout>;
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

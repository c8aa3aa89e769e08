import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HOUR, SECOND } from "../cache/token-source.test-support.ts";
import { elapsedMs, instant, nextMacrotask, systemClock } from "./clock.ts";

/**
 * The clock takes the timers at its import. So each test replaces them first, hides that they are fakes, and imports it
 * then.
 */
async function importedClock() {
  vi.resetModules();
  Reflect.deleteProperty(globalThis.setTimeout, "clock");
  return (await import("./clock.ts")).systemClock;
}

describe("the time between two moments", () => {
  test.each([
    ["both clocks agree", { wall: 7, monotonic: 7 }, 7],
    ["the machine slept, and the monotonic clock with it", { wall: HOUR, monotonic: 7 }, HOUR],
    ["the wall clock was stepped back", { wall: -HOUR, monotonic: 7 }, 7],
    ["the wall clock was stepped forward", { wall: HOUR, monotonic: 0 }, HOUR],
  ])("is that of the clock on which more has passed, when %s", (_, { wall, monotonic }, expected) => {
    const from = { wall: 1_700_000_000_000, monotonic: 500 };
    expect(elapsedMs(from, { wall: from.wall + wall, monotonic: from.monotonic + monotonic })).toBe(expected);
  });
});

test("this machine's wall clock is the platform's", () => {
  const before = Date.now();
  expect(systemClock.wall()).toBeGreaterThanOrEqual(before);
  expect(systemClock.wall()).toBeLessThanOrEqual(Date.now());
});

test("a macrotask later, the tasks of before have run", async () => {
  let hasRun = false;
  setTimeout(() => {
    hasRun = true;
  }, 0);
  await nextMacrotask();
  expect(hasRun).toBe(true);
});

describe("this machine's clock", () => {
  test("reads the wall clock and the monotonic one", () => {
    const before = { wall: Date.now(), monotonic: performance.now() };
    const now = instant(systemClock);
    expect(now.wall - before.wall).toBeLessThan(SECOND);
    expect(now.wall).toBeGreaterThanOrEqual(before.wall);
    expect(now.monotonic).toBeGreaterThanOrEqual(before.monotonic);
    expect(now.monotonic - before.monotonic).toBeLessThan(SECOND);
  });

  describe("has timers that", () => {
    // These imitate setTimeout's overflow too: beyond 2 ** 31 - 1 ms it fires at once.
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());

    test.each([1, 2 ** 31 - 1, 2 ** 31, 365 * 24 * HOUR])("fire once, after %i ms and no sooner", async (delayMs) => {
      let rung = 0;
      (await importedClock()).setTimer(() => rung++, delayMs);
      vi.advanceTimersByTime(delayMs - 1);
      expect(rung).toBe(0);
      vi.advanceTimersByTime(1);
      expect(rung).toBe(1);
      vi.advanceTimersByTime(400 * 24 * HOUR);
      expect(rung).toBe(1);
    });

    test("fire at once for a delay that is past", async () => {
      let rung = 0;
      (await importedClock()).setTimer(() => rung++, -5);
      vi.advanceTimersByTime(0);
      expect(rung).toBe(1);
    });

    test.each([SECOND, 365 * 24 * HOUR])("never fire after a cancellation half-way through %i ms", async (delayMs) => {
      let rung = 0;
      const timer = (await importedClock()).setTimer(() => rung++, delayMs);
      vi.advanceTimersByTime(delayMs / 2);
      timer.cancel();
      vi.advanceTimersByTime(delayMs);
      expect(rung).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    });

    describe.each([SECOND, 365 * 24 * HOUR])("over %i ms", (delayMs) => {
      /** Whether the handle that runs now keeps the process alive. */
      const holds = () => vi.mocked(setTimeout).mock.results.at(-1)?.value.hasRef();
      beforeEach(() => void vi.spyOn(globalThis, "setTimeout"));

      test("do not keep the process alive by themselves", async () => {
        (await importedClock()).setTimer(() => {}, delayMs);
        expect(holds()).toBe(false);
        vi.advanceTimersByTime(delayMs - 1);
        expect(holds()).toBe(false);
      });

      test("keep it alive to the end if told to", async () => {
        const timer = (await importedClock()).setTimer(() => {}, delayMs);
        timer.keepAlive();
        expect(holds()).toBe(true);
        vi.advanceTimersByTime(delayMs - 1);
        expect(holds()).toBe(true);
      });
    });
  });

  describe("imported after a test faked the timers", () => {
    beforeEach(() => {
      vi.resetModules();
      vi.useFakeTimers();
    });
    afterEach(() => void vi.useRealTimers());

    test("has timers that fire by themselves", async () => {
      const { systemClock, nextMacrotask } = await import("./clock.ts");
      await new Promise<void>((resolve) => systemClock.setTimer(resolve, 1.5));
      await nextMacrotask();
    });

    test("cancels a timer", async () => {
      const { systemClock } = await import("./clock.ts");
      const cancelled = vi.fn<() => void>();
      systemClock.setTimer(cancelled, 1).cancel();
      await new Promise<void>((resolve) => systemClock.setTimer(resolve, 20));
      expect(cancelled).not.toHaveBeenCalled();
    });
  });

  test("does not use a fake monotonic clock that a test starts later", () => {
    const before = systemClock.monotonic();
    vi.useFakeTimers();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
    vi.useRealTimers();
  });

  test("works if a timer is a plain number", async () => {
    vi.spyOn(globalThis, "setTimeout").mockReturnValue(7 as unknown as NodeJS.Timeout);
    const clock = await importedClock();
    expect(() => clock.setTimer(() => {}, SECOND).keepAlive()).not.toThrow();
  });
});

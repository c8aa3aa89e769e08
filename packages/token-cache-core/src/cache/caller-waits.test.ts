import { describe, expect, test } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { ManualClock } from "../testing/index.ts";
import { CallerWaits } from "./caller-waits.ts";
import { settle } from "./token-source.test-support.ts";

const closed = new TokenError("closed", { message: "The cache is closed." });
const ways: [string, (waits: CallerWaits, controller: AbortController) => void][] = [
  ["its caller aborts", (_, controller) => controller.abort(closed)],
  ["the cache is closed", (waits) => waits.end(closed)],
];

describe("a caller's wait", () => {
  test("for a pause ends after it, and leaves no timer", async () => {
    const clock = new ManualClock();
    const done = new CallerWaits(clock).pause(50, undefined);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(50);
    await done;
    expect(clock.pendingTimers).toBe(0);
  });

  test("for work ends with it, and leaves no timer", async () => {
    const clock = new ManualClock();
    expect(await new CallerWaits(clock).for(Promise.resolve(7), undefined)).toBe(7);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(ways)("ends at once when %s, and leaves no timer", async (_, end) => {
    const clock = new ManualClock();
    const waits = new CallerWaits(clock);
    const controller = new AbortController();
    const both = Promise.allSettled([
      waits.pause(50, controller.signal),
      waits.for(new Promise(() => {}), controller.signal),
    ]);
    await settle();
    end(waits, controller);
    expect(await both).toMatchObject([{ reason: closed }, { reason: closed }]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("keeps the process alive", async () => {
    const clock = new ManualClock();
    let kept = 0;
    const { setTimer } = clock;
    clock.setTimer = (...given) => ({ ...setTimer.apply(clock, given), keepAlive: () => void kept++ });
    await new CallerWaits(clock).for(Promise.resolve(), undefined);
    expect(kept).toBe(1);
  });
});

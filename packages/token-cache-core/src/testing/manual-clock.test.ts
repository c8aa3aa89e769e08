import { describe, expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";

const START = 1_700_000_000_000;

describe("a manual clock", () => {
  test("stands still until it is advanced, and then moves both clocks", () => {
    const clock = new ManualClock({ startAt: START });
    expect([clock.wall(), clock.monotonic()]).toEqual([START, 0]);
    clock.advance(1_500);
    expect([clock.wall(), clock.monotonic()]).toEqual([START + 1_500, 1_500]);
  });

  test("steps the wall clock alone", () => {
    const clock = new ManualClock({ startAt: START });
    clock.stepWall(-60_000);
    expect([clock.wall(), clock.monotonic()]).toEqual([START - 60_000, 0]);
  });

  test("fires timers in the order in which they are due, each at its moment", () => {
    const clock = new ManualClock({ startAt: START });
    const rung: [string, number][] = [];
    const ring = (name: string) => () => void rung.push([name, clock.monotonic()]);
    clock.setTimer(ring("late"), 300);
    clock.setTimer(ring("early"), 100);
    clock.setTimer(() => clock.setTimer(ring("set meanwhile"), 50), 200);
    clock.setTimer(ring("later than asked for"), 1_001);
    clock.advance(1_000);
    expect(rung).toEqual([
      ["early", 100],
      ["set meanwhile", 250],
      ["late", 300],
    ]);
    expect(clock.pendingTimers).toBe(1);
  });

  test("fires no timer that was cancelled, and none twice", () => {
    const clock = new ManualClock();
    let rung = 0;
    clock.setTimer(() => rung++, 10).cancel();
    clock.setTimer(() => rung++, 10);
    clock.advance(10);
    clock.advance(10);
    expect(rung).toBe(1);
  });

  test("lets real time pass too if the options say so", async () => {
    const clock = new ManualClock({ startAt: START, ticking: true });
    await new Promise<void>((resolve) => void clock.setTimer(resolve, 2));
    expect(clock.monotonic()).toBeGreaterThan(0);
    clock.advance(60_000);
    expect(clock.wall()).toBeGreaterThanOrEqual(START + 60_000);
  });
});

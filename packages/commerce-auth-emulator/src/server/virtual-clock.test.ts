import { describe, expect, it } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

function clockOn(real: { now: number }, options = {}) {
  return new VirtualClock({ source: () => real.now, ...options });
}

describe("the virtual clock", () => {
  it("follows the real time until it is moved", () => {
    const real = { now: 1000 };
    const clock = clockOn(real);
    expect(clock.now()).toBe(1000);
    real.now += 5;
    expect(clock.now()).toBe(1005);
  });

  it("advances, steps back, is set, and runs on from there", () => {
    const real = { now: 1000 };
    const clock = clockOn(real);
    clock.advance(500);
    clock.advance(-100);
    real.now += 1;
    expect(clock.now()).toBe(1401);
    clock.set(9000);
    real.now += 1;
    expect(clock.now()).toBe(9001);
  });

  it("differs from the real time by its skew, after any other move", () => {
    const real = { now: 1000 };
    const clock = clockOn(real);
    clock.advance(77);
    clock.skew(-600);
    expect(clock.state()).toEqual({ now: 400, skewMs: -600, frozen: false });
    clock.skew(0);
    expect(clock.now()).toBe(1000);
  });

  it("stops while frozen, can be moved, and continues without a jump", () => {
    const real = { now: 1000 };
    const clock = clockOn(real);
    clock.freeze();
    real.now += 500;
    expect(clock.now()).toBe(1000);
    clock.advance(10);
    expect(clock.now()).toBe(1010);
    clock.resume();
    expect(clock.now()).toBe(1010);
    real.now += 1;
    expect(clock.now()).toBe(1011);
  });

  it("returns to its state at the start", () => {
    const real = { now: 1000 };
    const clock = clockOn(real, { skewMs: 50 });
    clock.set(1);
    clock.freeze();
    clock.reset();
    real.now += 1;
    expect(clock.state()).toEqual({ now: 1051, skewMs: 50, frozen: false });
  });

  it("runs faster than the real time, by its speed", () => {
    const real = { now: 1000 };
    const clock = clockOn(real, { speed: 10 });
    real.now += 5;
    expect(clock.now()).toBe(1050);
    clock.advance(1);
    real.now += 1;
    expect(clock.now()).toBe(1061);
    clock.freeze();
    real.now += 1;
    expect(clock.now()).toBe(1061);
    clock.resume();
    real.now += 1;
    expect(clock.now()).toBe(1071);
  });

  it("ends a wait when the time has come, by itself", async () => {
    const clock = new VirtualClock({ speed: 1000 });
    const startedAt = clock.now();
    await clock.wait(5_000);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(5_000);
  });

  it("ends a wait of a frozen clock when it is moved far enough, or runs on", async () => {
    const clock = new VirtualClock({ frozen: true, startAt: 0, speed: 1000 });
    const ended: string[] = [];
    const moved = clock.wait(100).then(() => ended.push("moved"));
    const resumed = clock.wait(200).then(() => ended.push("resumed"));
    clock.advance(99);
    await Promise.resolve();
    expect(ended).toEqual([]);
    clock.advance(1);
    await moved;
    expect(ended).toEqual(["moved"]);
    clock.resume();
    await resumed;
    await clock.wait(0);
  });

  it("refuses invalid times", () => {
    const clock = new VirtualClock();
    expect(() => clock.advance(Number.NaN)).toThrow("advance: must be a finite number, got NaN");
    expect(() => clock.set(1e17)).toThrow("beyond the range of a date");
    expect(() => new VirtualClock({ startAt: Number.POSITIVE_INFINITY })).toThrow("clock.startAt");
  });
});

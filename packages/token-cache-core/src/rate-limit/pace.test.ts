import { describe, expect, it } from "vitest";
import { delayByRemaining, paceOf } from "./pace.ts";

describe("paceOf", () => {
  it.each([
    // A narrow lane: its whole rate, half of its burst, turn by turn.
    [
      { perSecond: 2, burst: 2 },
      { intervalMs: 500, burst: 1.5, headroom: 0.05, blockSize: 1, keptTurns: 0, lateMs: 250 },
    ],
    [
      { perSecond: 1, burst: 1 },
      { intervalMs: 1_000, burst: 1, headroom: 0.05, blockSize: 1, keptTurns: 0, lateMs: 250 },
    ],
    // A wide one: a quarter of its burst at once, and half of it for turns that processes keep.
    [
      { perSecond: 50, burst: 101 },
      { intervalMs: 20, burst: 26, headroom: 24.75, blockSize: 5, keptTurns: 50, lateMs: 250 },
    ],
    // Unknown counting: burst and a second's calls together stay below the limit.
    [{ perSecond: 50 }, { intervalMs: 1_000 / 45, burst: 2.5, headroom: 0, blockSize: 4, keptTurns: 0, lateMs: 50 }],
    [{ perSecond: 10 }, { intervalMs: 1_000 / 9, burst: 1, headroom: 0, blockSize: 1, keptTurns: 0, lateMs: 50 }],
  ])("%o", (limit, pace) => {
    expect(paceOf(limit)).toEqual(pace);
  });

  it("uses a share of the limit while the lane is slowed down", () => {
    expect(paceOf({ perSecond: 2, burst: 2 }, 0.25).intervalMs).toBe(2_000);
  });
});

describe("delayByRemaining", () => {
  const pace = paceOf({ perSecond: 2, burst: 2 });
  it.each([
    ["a call that is left may follow soon", 1, 0, 25],
    ["an empty bucket takes more than an interval", 0, 0, 525],
    ["time has passed since", 0, 300, 225],
    ["a full one delays nothing", 2, 0, -475],
  ])("%s", (_, remaining, ageMs, delayMs) => {
    const delay = delayByRemaining(pace, remaining, 7, ageMs);
    expect(delay).toEqual({ delayMs: expect.closeTo(delayMs), afterTurn: 7 });
  });
});

it("keeps the bucket as full as possible if other systems spend from it", () => {
  const pace = paceOf({ perSecond: 2, burst: 2 }, 1, true);
  expect(delayByRemaining(pace, 0, 7, 0).delayMs).toBe(1_000);
});

import { describe, expect, it } from "vitest";
import { delayByRemaining, learnLimit, paceOf, slowDown, usedShare } from "./lane-limit.ts";

describe("paceOf", () => {
  it.each([
    // A bucket: its whole rate, half of its burst.
    [
      { perSecond: 2, burst: 2 },
      { intervalMs: 500, burst: 1.5, reserve: 0, blockSize: 1 },
    ],
    [
      { perSecond: 1, burst: 1 },
      { intervalMs: 1_000, burst: 1, reserve: 0, blockSize: 1 },
    ],
    [
      { perSecond: 50, burst: 100 },
      { intervalMs: 20, burst: 50.5, reserve: 24.5, blockSize: 5 },
    ],
    // Unknown counting: burst and a second's calls together are the limit.
    [{ perSecond: 50 }, { intervalMs: 1_000 / 45, burst: 5, reserve: 0, blockSize: 4 }],
    [{ perSecond: 10 }, { intervalMs: 1_000 / 9, burst: 1, reserve: 0, blockSize: 1 }],
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
    ["a call that is left may follow at once", 1, 0, 0],
    ["an empty bucket takes an interval", 0, 0, 500],
    ["time has passed since", 0, 300, 200],
    ["a full one delays nothing", 2, 0, -500],
  ])("%s", (_, remaining, ageMs, delayMs) => {
    expect(delayByRemaining(pace, remaining, 7, ageMs)).toEqual({ delayMs, afterTurn: 7 });
  });
});

it("leaves the bucket as full as can be where other systems spend from it", () => {
  const pace = paceOf({ perSecond: 2, burst: 2 }, 1, true);
  expect(delayByRemaining(pace, 0, 7, 0).delayMs).toBe(1_000);
});

describe("learnLimit", () => {
  const documented = { perSecond: 2 };
  it.each([
    [
      { perSecond: 5, burst: 10 },
      { perSecond: 5, burst: 10 },
    ],
    [{ perSecond: 1 }, { perSecond: 1, burst: undefined }],
    [
      { perSecond: 3, burst: 0 },
      { perSecond: 3, burst: undefined },
    ],
    [
      { perSecond: 3, burst: 0.5 },
      { perSecond: 3, burst: 1 },
    ],
  ])("%o replaces what is documented", (reading, learnt) => {
    expect(learnLimit(documented, reading)).toEqual(learnt);
  });

  it.each([
    [{}],
    [{ perSecond: 0 }],
    [{ perSecond: Number.NaN, burst: 3 }],
    [{ perSecond: Number.POSITIVE_INFINITY }],
    [{ perSecond: 2 }],
    [{ remaining: 1 }],
  ])("%o changes nothing", (reading) => {
    expect(learnLimit(documented, reading)).toBe(documented);
  });
});

describe("a slowdown", () => {
  it("halves with each refusal, down to a sixteenth, and recovers within a minute", () => {
    const shares = [];
    let slowdown: ReturnType<typeof slowDown> | undefined;
    for (let refusal = 0; refusal < 6; refusal++) {
      slowdown = slowDown(slowdown, 0);
      shares.push(slowdown.share);
    }
    expect(shares).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16, 1 / 16]);
    expect(usedShare(slowdown, 30_000)).toBeCloseTo(1 / 16 + 1 / 2);
    expect(usedShare(slowdown, 60_000)).toBe(1);
    expect(usedShare(undefined, 0)).toBe(1);
  });
});

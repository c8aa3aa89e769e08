import { describe, expect, it } from "vitest";
import type { LaneRule } from "../contract/rate-limits.ts";
import { LearntLimit, learnLimit } from "./learnt-limit.ts";

const RULE: LaneRule = { name: "orders", limit: { perSecond: 2, burst: 2 } };

/** The share of its limit that a lane uses. */
const share = (limit: LearntLimit, now: number) => 500 / (limit.pace(now)?.intervalMs ?? Number.NaN);

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
  ])("%o replaces the documented limit", (reading, learnt) => {
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

describe("a refusal", () => {
  it("is told to the others, although an answer without a note was on its way", () => {
    const limit = new LearntLimit(RULE);
    limit.refused(true, 0);
    limit.readNote(undefined, 1);
    expect(limit.untold(2)).toBe("2 2 0.667 1");
  });

  it("that no header explains halves the rate, down to a sixteenth, and it recovers within a minute", () => {
    const limit = new LearntLimit(RULE);
    const shares = Array.from({ length: 6 }, () => {
      limit.refused(false, 0);
      return share(limit, 0);
    });
    expect(shares).toEqual([1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16, 1 / 16]);
    expect(share(limit, 30_000)).toBeCloseTo(1 / 16 + 1 / 2);
    expect(share(limit, 60_000)).toBe(1);
  });

  it("because another system spends the allowance keeps the bucket full, and the rate recovers slowly meanwhile", () => {
    const limit = new LearntLimit(RULE);
    limit.refused(true, 0);
    expect(limit.pace(0)).toMatchObject({ headroom: 1 });
    expect(share(limit, 0)).toBeCloseTo(2 / 3);
    limit.learn({ perSecond: 2, burst: 2, remaining: 0 }, 60_000, false);
    expect(share(limit, 180_000)).toBeCloseTo(2 / 3 + 1 / 10);
    expect(limit.pace(360_001)).toMatchObject({ headroom: 0.05 });
    expect(share(limit, 380_000)).toBe(1);
  });
});

describe("a limit that is only assumed", () => {
  const assumed = () => new LearntLimit({ ...RULE, isAssumed: true });

  it("ends with an accepted call whose answer names no limit, and is back after a refusal", () => {
    const limit = assumed();
    expect(limit.pace(0)).toMatchObject({ intervalMs: 500 });
    expect(limit.learn(undefined, 0, false)).toBe(true);
    expect(limit.pace(0)).toBeUndefined();
    limit.refused(false, 0);
    expect(limit.pace(0)).toMatchObject({ intervalMs: 1_000 });
    limit.learn({}, 0, false);
    expect(limit.pace(0)).toMatchObject({ intervalMs: 1_000 });
  });

  it("stays if the answer names it, or refuses", () => {
    const limit = assumed();
    limit.learn({ perSecond: 4, burst: 4 }, 0, false);
    expect(limit.current).toEqual({ perSecond: 4, burst: 4 });
    const refused = assumed();
    refused.learn(undefined, 0, true);
    expect(refused.current).toEqual(RULE.limit);
  });

  it("stays if it is documented", () => {
    const limit = new LearntLimit(RULE);
    limit.learn(undefined, 0, false);
    expect(limit.current).toEqual(RULE.limit);
  });
});

describe("the note for the other processes", () => {
  it("contains what was learnt, once, and is read by them", () => {
    const [here, there] = [new LearntLimit(RULE), new LearntLimit(RULE)];
    expect(here.untold(0)).toBeUndefined();
    here.learn({ perSecond: 4, burst: 8 }, 0, false);
    here.refused(true, 0);
    const note = here.untold(0);
    here.readNote(note, 0);
    expect(here.untold(0)).toBeUndefined();
    there.readNote(note, 0);
    expect(there.pace(0)).toMatchObject({ headroom: 7 });
    expect(share(there, 0)).toBeCloseTo(share(here, 0), 2);
    expect(there.untold(0)).toBeUndefined();
    // It is still the same note, with nothing new.
    there.readNote(note, 60_000);
    expect(share(there, 100_000)).toBeCloseTo(share(here, 100_000), 2);
  });

  it("of others does not replace what this process has yet to share", () => {
    const limit = new LearntLimit(RULE);
    limit.learn({ perSecond: 4, burst: 8 }, 0, false);
    limit.readNote("1 1 1.000 0", 0);
    expect(limit.current).toEqual({ perSecond: 4, burst: 8 });
  });

  it.each(["", "nonsense", "1e999 -1 0", "0 0 0 0", "-5 x y z"])("%j changes nothing", (note) => {
    const limit = new LearntLimit(RULE);
    limit.readNote(note, 0);
    expect(limit.pace(0)).toEqual(new LearntLimit(RULE).pace(0));
  });
});

import { describe, expect, it } from "vitest";
import { RequestWindows, type WindowKind } from "./request-windows.ts";

const HOUR = 3_600_000;

function windows(kind: WindowKind, offsetMs = 0) {
  const counted = new RequestWindows(kind);
  return (now: number, key = "a") => counted.take(key, now, { requests: 2, windowMs: 1000, offsetMs });
}

describe("a window", () => {
  it.each(["fixed", "sliding"] as const)("allows its requests and says how many are left: %s", (kind) => {
    const take = windows(kind);
    expect([take(1100), take(1200), take(1300), take(1300, "b")]).toEqual([1, 0, -1, 1]);
  });

  it("starts again at each multiple of its length, if it is fixed", () => {
    const take = windows("fixed");
    take(1998);
    take(1999);
    expect([take(2000), take(2001), take(2002)]).toEqual([1, 0, -1]);
  });

  it("counts the time before each request, if it slides", () => {
    const take = windows("sliding");
    take(1500);
    take(1999);
    expect([take(2000), take(2499), take(2500), take(2998), take(2999)]).toEqual([-1, -1, 0, -1, 0]);
  });

  it("begins at midnight of another time zone, by its offset", () => {
    const days = new RequestWindows("fixed");
    const take = (now: number) => days.take("a", now, { requests: 1, windowMs: 24 * HOUR, offsetMs: 9 * HOUR });
    expect([take(0), take(15 * HOUR - 1), take(15 * HOUR)]).toEqual([0, -1, 0]);
  });

  it("forgets the future when the clock is set back", () => {
    const take = windows("fixed");
    take(1500);
    take(1500);
    expect([take(1000), take(1000), take(1000)]).toEqual([1, 0, -1]);
  });
});

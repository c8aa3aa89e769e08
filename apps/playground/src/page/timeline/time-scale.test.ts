import { describe, expect, it } from "vitest";
import { timeScale } from "./time-scale.ts";

const HOUR = 3_600_000;

describe("the axis of a timeline", () => {
  const scale = timeScale([{ at: 100, ms: 3 * HOUR }], 0, 1_000);

  it("draws real time to scale, and a move of the clocks as one gap", () => {
    expect(scale.gapWidth).toBe(90);
    expect([0, 50, 99, 100, 1_000].map(scale.ofReal)).toEqual([0, 50, 99, 190, 1_090]);
    expect(scale.width).toBe(1_090);
  });

  it("puts a moment of the clients' time in the gap, in proportion", () => {
    expect(scale.ofClients(60)).toBe(60);
    expect(scale.ofClients(100 + 1.5 * HOUR)).toBe(145);
    expect(scale.ofClients(100 + 3 * HOUR)).toBe(190);
    expect(scale.ofClients(200 + 3 * HOUR)).toBe(290);
  });

  it("tells the real time of a place, and none inside a gap", () => {
    expect([0, 99, 145, 190, 1_090].map(scale.realAt)).toEqual([0, 99, undefined, 100, 1_000]);
  });

  it("may begin later than the play", () => {
    const later = timeScale([{ at: 100, ms: HOUR }], 50, 1_050);
    expect([later.width, later.ofReal(50), later.ofReal(200), later.ofClients(200 + HOUR)]).toEqual([
      1_090, 0, 240, 240,
    ]);
    expect([0, 60, 240].map(later.realAt)).toEqual([0, undefined, 150]);
  });

  it("is plain without a gap, also where nothing has happened", () => {
    const plain = timeScale([], 0, 0);
    expect([plain.width, plain.ofReal(5), plain.ofClients(5), plain.realAt(5)]).toEqual([1, 5, 5, 5]);
  });
});

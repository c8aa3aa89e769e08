import { describe, expect, it } from "vitest";
import type { SidedRecord } from "../../server/story-player.ts";
import { crowdOf, Drawing } from "./lanes.ts";
import { timeScale } from "./time-scale.ts";

const call = (from: number, to: number, problem?: string) => ({
  type: "call" as const,
  lane: "app",
  from,
  to,
  ...(problem && { problem }),
});

function drawingOf(records: readonly SidedRecord[]): Drawing {
  const drawing = new Drawing();
  // In two parts, as they come.
  drawing.add(records.slice(0, 2));
  drawing.add(records.slice(2));
  return drawing;
}

describe("a timeline's lanes", () => {
  it("are one for each process of each side, by hand first", () => {
    const records: SidedRecord[] = [
      ["ours", { type: "process", lane: "2", at: 0, state: "started" }],
      ["ours", { type: "process", lane: "1", at: 0, state: "started" }],
      ["hand", { type: "process", lane: "1", at: 0, state: "started" }],
    ];
    expect(drawingOf(records).lanes.map(({ side, name }) => `${side} ${name}`)).toEqual(["hand 1", "ours 1", "ours 2"]);
  });

  it("begin with the first caller, and note once what was done to both sides", () => {
    const mark = (at: number) => ({ type: "mark" as const, at, text: { en: "revoked", ko: "폐기" } });
    const life = { from: 2_000, until: 9_000 };
    const drawing = drawingOf([
      ["hand", { type: "process", lane: "app", at: 0, state: "started" }],
      ["hand", call(1_500, 1_600)],
      ["hand", mark(1_700)],
      ["ours", mark(1_701)],
      ["hand", { type: "jump", at: 1_800, ms: 5_000 }],
      ["ours", { type: "jump", at: 1_801, ms: 5_000 }],
      ["ours", { type: "token", lane: "app", at: 1_900, id: "a", life }],
    ]);
    expect(drawing).toMatchObject({ start: 1_500, end: 1_900, gaps: [{ at: 1_800 }], marks: [{ at: 1_701 }] });
    expect(drawing.gaps).toHaveLength(1);
    expect(drawing.marks).toHaveLength(1);
  });

  it("show what reaches into the time that is drawn, and nothing before it", () => {
    const calls = [call(0, 10), call(20, 120), call(150, 150)];
    expect([...crowdOf({ calls }, timeScale([], 100, 200), 10).waiting]).toEqual([1, 1, 1, 0, 0, 1, 0, 0, 0, 0]);
  });

  it("count who waits in each part of the axis, and who gets nothing", () => {
    const calls = [call(0, 29), call(10, 19), call(25, 25), call(90, 500), call(0, 100, "HTTP 401")];
    const { waiting, failed } = crowdOf({ calls }, timeScale([], 0, 100), 10);
    expect([...waiting]).toEqual([1, 2, 2, 0, 0, 0, 0, 0, 0, 1]);
    expect([...failed]).toEqual(Array.from({ length: 10 }, () => 1));
  });
});

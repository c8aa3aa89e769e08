import { describe, expect, it } from "vitest";
import { checkTurnGrant } from "./store-answers.ts";

const HOUR = 60 * 60 * 1_000;
const request = { count: 5, intervalMs: 500, burst: 1, horizonMs: 0, processId: "process" };
const grant = { count: 5, startsInMs: -20, lastTurn: 7, processes: 1, closedForMs: 0 };

describe("a store's answer to a request for turns", () => {
  it.each([
    {},
    { count: 0, startsInMs: 500 },
    { note: "remaining=3" },
    { startsInMs: 48 * HOUR, closedForMs: 26 * HOUR },
    { startsInMs: -48 * HOUR },
    { lastTurn: 0, processes: 1_000_000 },
  ])("is accepted with %o", (changes) => {
    expect(checkTurnGrant({ ...grant, ...changes }, request)).toEqual({ ...grant, ...changes });
  });

  it("is copied: what else it holds is left out", () => {
    const answer = { ...grant, more: "more" };
    expect(checkTurnGrant(answer, request)).not.toBe(answer);
    expect(checkTurnGrant(answer, request)).not.toHaveProperty("more");
  });

  it.each<object>([
    { count: 6 },
    { count: -1 },
    { count: "5" },
    { count: Number.NaN },
    { startsInMs: Number.POSITIVE_INFINITY },
    { startsInMs: Number.NEGATIVE_INFINITY },
    { startsInMs: undefined },
    { lastTurn: -1 },
    { lastTurn: Number.POSITIVE_INFINITY },
    { processes: 0 },
    { processes: 1_000_001 },
    { closedForMs: -1 },
    { closedForMs: 26 * HOUR + 1 },
    { note: 3 },
    { note: null },
  ])("is refused with %o", (changes) => {
    expect(() => checkTurnGrant({ ...grant, ...changes }, request)).toThrow(TypeError);
  });

  it.each([undefined, null, "OK", 5, []])("is refused if it is %j", (answer) => {
    expect(() => checkTurnGrant(answer, request)).toThrow(TypeError);
  });
});

import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { rules } from "./lanes.test-support.ts";
import { Lanes } from "./lanes.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const RULE = { name: "GET /v1/orders", limit: { perSecond: 2, burst: 2 } };

const ownerOf = (application: number | string) => ({
  provider: "test",
  group: `test:https://api.test:${application}`,
  rules,
});

function world() {
  const clock = new ManualClock();
  const lanes = new Lanes({ clock, sharedQueues: true, observe() {} });
  let applications = 0;
  return {
    clock,
    lanes,
    kept: lanes.lineOf(ownerOf("kept"), RULE),
    /** Every ten minutes, 300 other applications send their only call. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 10 * MINUTE) {
        clock.advance(10 * MINUTE);
        for (let nth = 0; nth < 300; nth++) lanes.lineOf(ownerOf(applications++), RULE).takeDue(clock.monotonic());
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    isKept() {
      return lanes.lineOf(ownerOf("kept"), RULE) === this.kept;
    },
  };
}

it("a lane that pauses is remembered, though a thousand other routes are called", () => {
  const { lanes, kept } = world();
  kept.lane.answered(kept.takeDue(0) ?? { number: 1, isProbe: false }, 0, 0, undefined, { isUnprocessed: true });
  for (let nth = 0; nth < 1_200; nth++) lanes.lineOf(ownerOf("kept"), { ...RULE, name: `GET /v1/${nth}` }).takeDue(0);
  expect(lanes.lineOf(ownerOf("kept"), RULE)).toBe(kept);
});

describe("an application without calls", () => {
  it("is forgotten, so that a server of many applications does not grow", async () => {
    const { lanes, pass } = world();
    await pass(3 * HOUR);
    expect([...lanes.applications()].length).toBeLessThanOrEqual(1_500);
  });

  it("is known as long as its quota is closed", async () => {
    const here = world();
    here.kept.lane.gate.set(5 * HOUR, 0);
    await here.pass(5 * HOUR);
    expect(here.isKept()).toBe(true);
    await here.pass(2 * HOUR);
    expect(here.isKept()).toBe(false);
  });

  it("is known as long as a lane is slowed down", async () => {
    const here = world();
    here.kept.lane.limit.refused(true, 0);
    await here.pass(10 * MINUTE);
    expect(here.isKept()).toBe(true);
    await here.pass(3 * HOUR);
    expect(here.isKept()).toBe(false);
  });

  it("is known as long as its next turn is put off", async () => {
    const here = world();
    const turn = here.kept.takeDue(0) ?? { number: 1, isProbe: false };
    here.kept.lane.answered(turn, 0, 0, undefined, { isUnprocessed: true, retryAfterMs: 4 * HOUR });
    await here.pass(3.5 * HOUR);
    expect(here.isKept()).toBe(true);
    await here.pass(3 * HOUR);
    expect(here.isKept()).toBe(false);
  });

  it("is known as long as a call waits", async () => {
    const here = world();
    here.kept.lane.gate.set(1, 0);
    const waiting = here.kept.wait({ identity: "seller", maxWaitMs: 100 * HOUR });
    here.kept.lane.gate.set(2 * HOUR, 0);
    await here.pass(1.5 * HOUR);
    expect(here.isKept()).toBe(true);
    await here.pass(HOUR);
    await waiting;
  });
});

it("a lane with all its turns makes room for a new one before a busy one does", () => {
  const { clock, lanes } = world();
  const owner = ownerOf("many lanes");
  const laneAt = (nth: number) => lanes.lineOf(owner, { ...RULE, name: `GET /v1/${nth}` });
  const busy = laneAt(0);
  for (let nth = 1; nth < 1_000; nth++) laneAt(nth);
  clock.advance(20 * MINUTE);
  busy.takeDue(clock.monotonic());
  laneAt(1_000);
  expect(laneAt(0)).toBe(busy);
});

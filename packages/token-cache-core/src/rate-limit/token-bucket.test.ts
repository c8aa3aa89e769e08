import { describe, expect, it } from "vitest";
import { PROBE_MS, type TurnRequest } from "../contract/lane-turns.ts";
import { type KeptTurns, takeTurns } from "./token-bucket.ts";

const NEW: KeptTurns = { lane: undefined, closedForMs: undefined };

const request = (of: Partial<TurnRequest> = {}): TurnRequest => ({
  count: 1,
  intervalMs: 500,
  burst: 1,
  horizonMs: 0,
  processId: "p",
  ...of,
});

/** A lane whose last turn was given half a second before the next one is due. */
const kept = (nextInMs: number, lastTurn = 10, closedForMs?: number): KeptTurns => ({
  lane: { lastInMs: nextInMs - 500, lastTurn },
  closedForMs,
});

describe("takeTurns", () => {
  it.each([
    ["a new lane has a turn", NEW, {}, 1, 0],
    ["a new lane has its burst", NEW, { count: 9, burst: 4 }, 4, -1_500],
    ["half a turn more is none", NEW, { count: 9, burst: 1.5 }, 1, -250],
    ["a turn that is due is given", kept(0), {}, 1, 0],
    ["a turn that is due for a while is given", kept(-100), { burst: 2 }, 1, -100],
    ["unused turns are lost beyond the burst", kept(-60_000), { count: 9, burst: 2 }, 2, -500],
    ["a turn ahead is not given", kept(1), {}, 0, 1],
    ["a turn within the horizon is given", kept(400), { horizonMs: 400 }, 1, 400],
    ["as many as fit into the horizon are given", kept(400), { count: 9, horizonMs: 1_450 }, 3, 400],
    ["no more than are wanted are given", kept(0), { count: 2, horizonMs: 10_000 }, 2, 0],
    ["none is given where none is wanted", kept(0), { count: 0 }, 0, 0],
    ["a delay puts the next turn off", kept(0), { putOff: { delayMs: 300 } }, 0, 300],
    ["a delay never brings it forward", kept(900), { putOff: { delayMs: 300 } }, 0, 900],
    ["turns given since add to a delay", kept(0, 10), { putOff: { delayMs: -900, afterTurn: 8 } }, 0, 100],
    ["a turn of a forgotten lane adds nothing", kept(0, 10), { putOff: { delayMs: 300, afterTurn: 99 } }, 0, 300],
  ] as const)("%s", (_, before, of, count, startsInMs) => {
    const { grant, kept: after } = takeTurns(before, request(of));
    expect(grant).toMatchObject({ count, startsInMs, closedForMs: 0, lastTurn: (before.lane?.lastTurn ?? 0) + count });
    expect(after.lane).toEqual({ lastInMs: startsInMs + (count - 1) * 500, lastTurn: grant.lastTurn });
  });

  it("uses the newest interval, also for the next turn after one of another", () => {
    const { kept: after } = takeTurns(NEW, request());
    expect(takeTurns(after, request({ intervalMs: 50 })).grant.startsInMs).toBe(50);
  });

  it("delays a turn by a day at most, whatever the request says", () => {
    const { grant } = takeTurns(NEW, request({ putOff: { delayMs: 1e15 } }));
    expect(grant.startsInMs).toBeLessThan(26 * 3_600_000);
  });

  it.each([
    ["gives nothing while it is closed", kept(0, 10, 700), {}, 0, 700],
    ["lets a probe through when its time is over", kept(9_000, 10, -1), { count: 5 }, 1, PROBE_MS],
    ["gives nothing to who wants nothing", kept(0, 10, -1), { count: 0 }, 0, 0],
    ["closes", kept(0), { closeForMs: 4_000 }, 0, 4_000],
    ["closes for longer, or for less long", kept(0, 10, 900), { closeForMs: 500 }, 0, 500],
    ["opens", kept(0, 10, 900), { closeForMs: 0 }, 1, 0],
  ] as const)("a group %s", (_, before, of, count, closedForMs) => {
    expect(takeTurns(before, request(of)).grant).toMatchObject({ count, closedForMs });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HOUR, MINUTE, SECOND } from "../cache/token-source.test-support.ts";
import type { Instant } from "./clock.ts";
import { type ClockOffset, type ServerClock, SyncedServerClock } from "./server-clock.ts";

const EPOCH = 1_700_000_000_000;
/** A moment `ms` after the start of the test, on a machine whose clocks are right. */
const at = (ms: number): Instant => ({ wall: EPOCH + ms, monotonic: ms });
const secondsOf = (serverMs: number) => Math.floor(serverMs / SECOND) * SECOND;

/** A machine and a server with their own clocks. Neither knows `trueMs`. */
interface World {
  readonly serverAheadMs: number;
  readonly serverRate: number;
  readonly localRate: number;
  /** Steps of the machine's wall clock: when, and by how much. */
  readonly steps: readonly { readonly trueMs: number; readonly byMs: number }[];
  readonly requests: readonly { readonly trueMs: number; readonly thereMs: number; readonly backMs: number }[];
}

const server = (world: World, trueMs: number) => EPOCH + world.serverAheadMs + trueMs * world.serverRate;
const local = (world: World, trueMs: number): Instant => {
  const steppedMs = world.steps.reduce((sum, step) => (step.trueMs <= trueMs ? sum + step.byMs : sum), 0);
  const monotonic = trueMs * world.localRate;
  return { wall: Math.floor(EPOCH + monotonic + steppedMs), monotonic };
};

const rate = fc.double({ min: 1 - 99e-6, max: 1 + 99e-6, noNaN: true });
const latency = fc.oneof(fc.integer({ max: 200, min: 0 }), fc.integer({ min: 0, max: 10 * SECOND }));
const moment = fc.integer({ min: 0, max: 6 * HOUR });
const worldWith = (step: fc.Arbitrary<number>): fc.Arbitrary<World> =>
  fc.record({
    serverAheadMs: fc.integer({ min: -10 * HOUR, max: 10 * HOUR }),
    serverRate: rate,
    localRate: rate,
    steps: fc.array(fc.record({ trueMs: moment, byMs: step }), { maxLength: 3 }),
    requests: fc.array(fc.record({ trueMs: moment, thereMs: latency, backMs: latency }), {
      minLength: 1,
      maxLength: 12,
    }),
  });

/** Plays a world: requests overlap and are answered in any order. Reads the clock after each answer and between. */
function play(world: World, look: (clock: ServerClock, now: Instant, serverMs: number) => void): void {
  const clock = new SyncedServerClock();
  const answers = world.requests
    .map(({ trueMs, thereMs, backMs }) => ({
      sent: trueMs,
      met: trueMs + thereMs,
      received: trueMs + thereMs + backMs,
    }))
    .sort((a, b) => a.received - b.received);
  for (const [nth, { sent, met, received }] of answers.entries()) {
    const serverTimeMs = secondsOf(server(world, met));
    clock.learn({ serverTimeMs, sentAt: local(world, sent), receivedAt: local(world, received) });
    const until = answers[nth + 1]?.received ?? received + HOUR;
    for (const trueMs of [received, (received + until) / 2]) look(clock, local(world, trueMs), server(world, trueMs));
  }
}

function expectInside(offset: ClockOffset, truth: number): void {
  // A hundredth of a millisecond for the rounding of floating-point numbers.
  expect(offset.lowerMs).toBeLessThanOrEqual(truth + 0.01);
  expect(offset.upperMs).toBeGreaterThanOrEqual(truth - 0.01);
}

describe("the server's clock", () => {
  test("is this machine's as long as nothing is known", () => {
    const clock = new SyncedServerClock();
    expect(clock.offset(at(0))).toBeUndefined();
    expect(clock.earliest(at(0))).toBe(EPOCH);
  });

  test("is known to within a second and the time the answer took", () => {
    const clock = new SyncedServerClock();
    clock.learn({ serverTimeMs: EPOCH + MINUTE, sentAt: at(0), receivedAt: at(200) });
    expect(clock.offset(at(0))).toEqual({ lowerMs: MINUTE - 200, upperMs: MINUTE + SECOND });
    expect(clock.earliest(at(0))).toBe(EPOCH + MINUTE - 200);
  });

  test("is known better after a second answer at another fraction of the second", () => {
    const clock = new SyncedServerClock();
    for (const sent of [0, 700]) {
      clock.learn({ serverTimeMs: secondsOf(EPOCH + sent + 10), sentAt: at(sent), receivedAt: at(sent + 20) });
    }
    const { lowerMs, upperMs } = clock.offset(at(700)) ?? expect.unreachable();
    expect(upperMs - lowerMs).toBeLessThan(400);
  });

  test("lies inside the interval, whatever the offset, the latencies and the drift", () => {
    fc.assert(
      fc.property(worldWith(fc.constant(0)), (world) => {
        play(world, (clock, now, serverMs) => {
          expectInside(clock.offset(now) ?? expect.unreachable(), serverMs - now.wall);
        });
      }),
      { numRuns: 500 },
    );
  });

  test("lies inside the interval also if the wall clock is stepped, by a little or a lot, or is unknown", () => {
    const anyStep = fc.oneof(fc.integer({ min: -1_500, max: 1_500 }), fc.integer({ min: -HOUR, max: HOUR }));
    fc.assert(
      fc.property(worldWith(anyStep), (world) => {
        play(world, (clock, now, serverMs) => {
          const offset = clock.offset(now);
          if (offset !== undefined) expectInside(offset, serverMs - now.wall);
        });
      }),
      { numRuns: 1_000 },
    );
  });

  test("case 13: is never later than the truth, and within seconds of it, ten minutes off or ten hours", () => {
    fc.assert(
      fc.property(worldWith(fc.constant(0)), (world) => {
        play(world, (clock, now, serverMs) => {
          expect(clock.earliest(now)).toBeLessThanOrEqual(serverMs + 0.01);
          expect(clock.earliest(now)).toBeGreaterThan(serverMs - 35 * SECOND);
        });
      }),
      { numRuns: 500 },
    );
  });

  test.each([-10 * MINUTE, -MINUTE, MINUTE, 10 * MINUTE])(
    "case 13: is right after one answer with %i ms between the clocks",
    (aheadMs) => {
      const clock = new SyncedServerClock();
      clock.learn({ serverTimeMs: secondsOf(EPOCH + aheadMs + 40), sentAt: at(0), receivedAt: at(80) });
      const signedAt = clock.earliest(at(100));
      expect(signedAt).toBeLessThanOrEqual(EPOCH + aheadMs + 100);
      expect(signedAt).toBeGreaterThan(EPOCH + aheadMs - 2 * SECOND);
    },
  );

  test("is known less well as time goes by", () => {
    const clock = new SyncedServerClock();
    clock.learn({ serverTimeMs: EPOCH, sentAt: at(0), receivedAt: at(0) });
    const { lowerMs, upperMs } = clock.offset(at(HOUR)) ?? expect.unreachable();
    expect(lowerMs).toBeCloseTo(-0.72 * SECOND);
    expect(upperMs).toBeCloseTo(1.72 * SECOND);
  });

  test("is learnt again from an answer that contradicts what was known", () => {
    const learnt: ClockOffset[] = [];
    const clock = new SyncedServerClock((offset) => learnt.push(offset));
    clock.learn({ serverTimeMs: EPOCH, sentAt: at(0), receivedAt: at(100) });
    clock.learn({ serverTimeMs: EPOCH + SECOND, sentAt: at(SECOND), receivedAt: at(1_100) });
    clock.learn({ serverTimeMs: EPOCH + HOUR, sentAt: at(2_000), receivedAt: at(2_100) });
    const anew = { lowerMs: HOUR - 2_100, upperMs: HOUR - SECOND };
    expect(clock.offset(at(2_000))).toEqual(anew);
    expect(learnt).toEqual([{ lowerMs: -100, upperMs: SECOND }, anew]);
  });

  test.each([-HOUR, -1_100, 1_100, HOUR])(
    "is forgotten when this machine's wall clock is stepped by %i ms",
    (stepMs) => {
      const clock = new SyncedServerClock();
      clock.learn({ serverTimeMs: EPOCH + MINUTE, sentAt: at(0), receivedAt: at(0) });
      const stepped = { wall: EPOCH + MINUTE + stepMs, monotonic: MINUTE };
      expect(clock.offset(stepped)).toBeUndefined();
      expect(clock.earliest(stepped)).toBe(stepped.wall);
    },
  );

  test("is learnt correctly although the wall clock was stepped during the request", () => {
    const clock = new SyncedServerClock();
    const receivedAt = { wall: EPOCH + HOUR, monotonic: 100 };
    clock.learn({ serverTimeMs: EPOCH + MINUTE, sentAt: at(0), receivedAt });
    expect(clock.offset(at(0))).toEqual({ lowerMs: MINUTE - 100, upperMs: MINUTE + SECOND });
    expect(clock.offset(receivedAt)).toBeUndefined();
  });
});

describe("the server's clock, learnt from headers", () => {
  const learnFrom = (headers: Record<string, string>) => {
    const clock = new SyncedServerClock();
    clock.learnFromHeaders(new Headers(headers), at(0), at(50));
    return clock.offset(at(0));
  };
  const date = new Date(EPOCH + HOUR).toUTCString();

  test("reads the Date of an answer", () => {
    expect(learnFrom({ date })).toEqual({ lowerMs: HOUR - 50, upperMs: HOUR + SECOND });
  });

  test.each(["0", "17"])("case 14: ignores an answer that a cache kept for %s s", (age) => {
    expect(learnFrom({ date, age })).toBeUndefined();
  });

  test.each([
    "",
    "soon",
    "1700000000",
    "2023-11-14T22:13:20Z",
    "14 Nov 2023 22:13:20 GMT",
    "Tuesday, 14-Nov-23 22:13:20 GMT",
    "Tue, 14 Nov 2023 22:13:20 KST",
    "Tue, 99 Nov 2023 22:13:20 GMT",
    "Tue, 14 Foo 2023 22:13:20 GMT",
  ])("ignores a Date that is %o", (wrong) => {
    expect(learnFrom({ date: wrong })).toBeUndefined();
  });

  test("ignores an answer without a Date", () => {
    expect(learnFrom({})).toBeUndefined();
  });
});

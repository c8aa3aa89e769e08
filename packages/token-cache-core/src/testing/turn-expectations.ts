import { LONGEST_DELAY_MS, PROBE_MS, type TurnGrant, type TurnRequest } from "../contract/lane-turns.ts";
import type { TokenStore } from "../contract/token-store.ts";
import { expect, expectEqual, expectTrue } from "./expectations.ts";
import { newKey } from "./store-expectations.ts";

type Take = (request?: Partial<TurnRequest>, lane?: string) => Promise<TurnGrant>;

type PassTime = (ms: number) => Promise<void> | void;

/** A test of {@link TokenStore.take}, for stores that have it. */
interface TurnTest {
  readonly name: string;
  run(here: TokenStore, there: TokenStore, passTime: PassTime): Promise<void>;
}

const LANE = "GET /v1/orders/{}";

/** An interval longer than any test, so that only the turns of the burst are given. */
const LONG_MS = 60_000;

/** A slow machine may take its time between two requests. */
const TOLERANCE_MS = 20_000;

const REQUEST: TurnRequest = { count: 1, intervalMs: LONG_MS, burst: 1, horizonMs: 0, processId: "here" };

export const turnTests: readonly TurnTest[] = [
  turnTest("gives turns of a lane one by one, to all processes together", async (here, there) => {
    const asked = await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 ? here : there)()));
    const given = asked.filter(({ count }) => count > 0);
    expectEqual(given.length, 1, "how many of 40 get a turn");
    expectEqual(given[0]?.lastTurn, 1, "the number of the first turn");
    for (const { count, startsInMs, lastTurn } of asked) {
      if (count > 0) continue;
      expectEqual(lastTurn, 1, "the number of the last turn");
      expect(startsInMs > LONG_MS - TOLERANCE_MS && startsInMs <= LONG_MS, `the next turn is in ${startsInMs} ms`);
    }
    expectEqual((await here({}, "another lane")).count, 1, "turns in another lane");
  }),

  turnTest("saves unused turns up to the burst, and no further", async (here, there) => {
    expectEqual((await here({ count: 10, burst: 3.5 })).count, 3, "how many of 10 turns a burst of 3.5 gives");
    expectEqual((await there({ count: 10, burst: 3.5 })).count, 0, "how many are left");
  }),

  turnTest("gives a block of turns ahead, within the horizon", async (here, there) => {
    const horizonMs = 4 * LONG_MS;
    const first = await here({ count: 3, horizonMs });
    expectEqual([first.count, first.lastTurn], [3, 3], "count and last turn of a block of 3");
    const second = await there({ count: 10, horizonMs });
    expectEqual([second.count, second.lastTurn], [2, 5], "count and last turn of what is left within the horizon");
    const { startsInMs } = second;
    expect(startsInMs > 3 * LONG_MS - TOLERANCE_MS && startsInMs <= 3 * LONG_MS, `it starts in ${startsInMs} ms`);
  }),

  turnTest("gives the next turn when its time has come", async (here, there, passTime) => {
    const intervalMs = 400;
    expectEqual((await here({ intervalMs })).count, 1, "the first turn");
    await passTime(intervalMs + 10);
    expectEqual((await there({ intervalMs })).count, 1, "the next turn after its interval");
  }),

  turnTest("puts the next turn off, also by the turns that were given since", async (here, there) => {
    await here({ burst: 5, count: 3 });
    await there({ burst: 5, count: 0, putOff: { delayMs: LONG_MS, afterTurn: 1 } });
    const { count, startsInMs } = await here({ burst: 5 });
    expectEqual(count, 0, "turns after they were put off");
    expect(
      startsInMs > 3 * LONG_MS - TOLERANCE_MS && startsInMs <= 3 * LONG_MS,
      `the next turn is in ${startsInMs} ms`,
    );
    await there({ count: 0, putOff: { delayMs: LONG_MS } });
    expect((await here()).startsInMs > 2 * LONG_MS, "a shorter delay does not bring the next turn forward");
  }),

  turnTest("closes all lanes of a group, and opens them", async (here, there) => {
    const { closedForMs } = await here({ count: 0, closeForMs: LONG_MS });
    expect(closedForMs > 0 && closedForMs <= LONG_MS, `closed for ${closedForMs} ms`);
    for (const lane of [LANE, "another lane"]) {
      const grant = await there({}, lane);
      expect(grant.count === 0 && grant.closedForMs > LONG_MS - TOLERANCE_MS, `${JSON.stringify(grant)} while closed`);
    }
    await there({ count: 0, closeForMs: 0 });
    const open = await here();
    expectEqual([open.count, open.closedForMs], [1, 0], "count and time closed after the group was opened");
  }),

  turnTest("puts off and closes for 25 hours at most", async (here, there) => {
    const tooLongMs = 2 * LONGEST_DELAY_MS;
    const isLongest = (ms: number) => ms > LONGEST_DELAY_MS - TOLERANCE_MS && ms <= LONGEST_DELAY_MS;
    await here({ count: 0, putOff: { delayMs: tooLongMs } });
    const { startsInMs } = await there();
    expect(isLongest(startsInMs), `the next turn is in ${startsInMs} ms after a delay of ${tooLongMs} ms`);

    const pace = { burst: 3, intervalMs: LONGEST_DELAY_MS / 2 };
    await here({ ...pace, count: 3 }, "another lane");
    await there({ ...pace, count: 0, putOff: { delayMs: 0, afterTurn: 0 } }, "another lane");
    const { startsInMs: byTurns } = await here(pace, "another lane");
    expect(isLongest(byTurns), `the next turn is in ${byTurns} ms after a delay by three turns`);

    await here({ count: 0, closeForMs: tooLongMs });
    const { closedForMs } = await there();
    expect(isLongest(closedForMs), `closed for ${closedForMs} ms after a closing for ${tooLongMs} ms`);
  }),

  turnTest("lets one probe through when the time of a closed group is over", async (here, there, passTime) => {
    await here({ count: 0, closeForMs: 100 });
    await passTime(120);
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 ? here : there)({ count: 5 })));
    expectEqual(
      asked.filter(({ count }) => count > 0).map(({ count }) => count),
      [1],
      "turns while the probe is out",
    );
    for (const { closedForMs } of asked)
      expect(closedForMs > 0 && closedForMs <= PROBE_MS, `closed for ${closedForMs}`);
  }),

  turnTest("keeps the last note of each lane", async (here, there) => {
    expectEqual((await here()).note, undefined, "the note of a new lane");
    await here({ note: "first 1.5", count: 0 });
    await there({ note: "second 2", count: 0 });
    expectEqual((await here()).note, "second 2", "the lane's note");
    expectEqual((await here({}, "another lane")).note, undefined, "another lane's note");
  }),

  turnTest("counts the processes that ask", async (here, there) => {
    expectEqual((await here({ processId: "one" })).processes, 1, "how many processes");
    await there({ processId: "two", count: 0 });
    expectEqual((await here({ processId: "one" }, "another lane")).processes, 2, "how many processes");
  }),
];

function turnTest(name: string, run: (here: Take, there: Take, passTime: PassTime) => Promise<void>): TurnTest {
  return {
    name,
    async run(here, there, passTime) {
      expectEqual(here.take === undefined, there.take === undefined, "whether the store has no take");
      if (here.take === undefined) return;
      const group = newKey();
      const taking =
        (store: TokenStore): Take =>
        async (request, lane = LANE) => {
          const grant = await store.take?.(group, lane, { ...REQUEST, ...request });
          expectTrue(grant !== undefined, "an answer");
          return grant as TurnGrant;
        };
      await run(taking(here), taking(there), passTime);
    },
  };
}

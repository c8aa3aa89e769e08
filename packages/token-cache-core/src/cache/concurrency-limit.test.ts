import { describe, expect, test } from "vitest";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { settle } from "./token-source.test-support.ts";

/** Runs work in a slot of its own. */
async function run<T>(limit: ConcurrencyLimit, work: () => Promise<T>): Promise<T> {
  const slot = limit.slot();
  await slot.take();
  try {
    return await work();
  } finally {
    slot.free();
  }
}

describe("a concurrency limit", () => {
  test("bounds what runs at once, and runs the rest in order of arrival", async () => {
    const limit = new ConcurrencyLimit(3);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (nth: number) => () => {
      begun.push(nth);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    const all = Promise.all(Array.from({ length: 10 }, (_, nth) => run(limit, work(nth))));
    for (let ended = 0; ended < 10; ended++) {
      await settle();
      expect(begun).toEqual(Array.from({ length: Math.min(3 + ended, 10) }, (_, nth) => nth));
      ends[ended]?.();
    }
    await all;
  });

  test("gives the slot of failed work to the next, and passes on what it threw or returned", async () => {
    const limit = new ConcurrencyLimit(1);
    const results = await Promise.allSettled([
      run(limit, () => Promise.reject(new Error("first"))),
      run(limit, () => {
        throw new Error("second");
      }),
      run(limit, async () => "third"),
    ]);
    expect(results).toEqual([
      { status: "rejected", reason: new Error("first") },
      { status: "rejected", reason: new Error("second") },
      { status: "fulfilled", value: "third" },
    ]);
  });

  test("counts a slot once, however often it is taken or freed", async () => {
    const limit = new ConcurrencyLimit(2);
    const [one, two, three] = [limit.slot(), limit.slot(), limit.slot()];
    expect([one.tryTake(), one.tryTake(), two.tryTake(), three.tryTake()]).toEqual([true, true, true, false]);
    await one.take();
    one.free();
    one.free();
    expect([three.tryTake(), one.tryTake()]).toEqual([true, false]);
  });

  test("has all slots free again when everything is done", async () => {
    const limit = new ConcurrencyLimit(2);
    await Promise.all(Array.from({ length: 5 }, () => run(limit, async () => {})));
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await settle();
      running--;
    };
    await Promise.all(Array.from({ length: 5 }, () => run(limit, work)));
    expect(most).toBe(2);
  });
});

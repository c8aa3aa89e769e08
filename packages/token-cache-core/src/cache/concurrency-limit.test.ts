import { describe, expect, test } from "vitest";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { settle } from "./token-source.test-support.ts";

describe("a concurrency limit", () => {
  test("runs so much at once and no more, and the rest in the order in which it came", async () => {
    const limit = new ConcurrencyLimit(3);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (nth: number) => () => {
      begun.push(nth);
      return new Promise<void>((resolve) => ends.push(resolve));
    };
    const all = Promise.all(Array.from({ length: 10 }, (_, nth) => limit.run(work(nth))));
    for (let ended = 0; ended < 10; ended++) {
      await settle();
      expect(begun).toEqual(Array.from({ length: Math.min(3 + ended, 10) }, (_, nth) => nth));
      ends[ended]?.();
    }
    await all;
  });

  test("gives the place of failed work to the next, and hands on what it threw or returned", async () => {
    const limit = new ConcurrencyLimit(1);
    const results = await Promise.allSettled([
      limit.run(() => Promise.reject(new Error("first"))),
      limit.run(() => {
        throw new Error("second");
      }),
      limit.run(async () => "third"),
    ]);
    expect(results).toEqual([
      { status: "rejected", reason: new Error("first") },
      { status: "rejected", reason: new Error("second") },
      { status: "fulfilled", value: "third" },
    ]);
  });

  test("has all places free again when everything is done", async () => {
    const limit = new ConcurrencyLimit(2);
    await Promise.all(Array.from({ length: 5 }, () => limit.run(async () => {})));
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await settle();
      running--;
    };
    await Promise.all(Array.from({ length: 5 }, () => limit.run(work)));
    expect(most).toBe(2);
  });
});

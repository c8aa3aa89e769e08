import { describe, expect, test } from "vitest";
import type { FoundToken, TokenOrLease, TokenStore } from "../../contract/token-store.ts";
import { ManualClock, memoryStore } from "../../testing/index.ts";
import { TokenCache } from "../token-cache.ts";
import { HOUR, heldAnswer, pass, SECOND, settle, TestTokenSource } from "../token-source.test-support.ts";
import { inOneStep } from "./token-store.test-support.ts";

/** A store whose changes nobody reports. */
function storeWithoutNotices(clock: ManualClock) {
  const { changed: _, ...store } = memoryStore({ clock });
  return store;
}

/** A store whose answer to the first look the test decides. It counts the looks. */
function storeWithHeldLook() {
  const { promise, resolve } = Promise.withResolvers<TokenOrLease>();
  let looks = 0;
  const store: TokenStore = {
    ...memoryStore(),
    async getOrLease() {
      if (++looks > 10) throw new Error("It is asked forever.");
      return await promise;
    },
  };
  return { store, answer: resolve, looks: () => looks };
}

describe("a flight that waits for another process's token", () => {
  test("asks the provider itself after two thirds of its time limit", async () => {
    const clock = new ManualClock();
    const store = memoryStore({ clock });
    const source = new TestTokenSource();
    await store.lease?.(source.key, HOUR);
    const token = new TokenCache({ clock, store, flightTimeoutMs: 30 * SECOND }).getToken(source);
    await pass(clock, 20 * SECOND, 50);
    expect(source.issues).toBe(0);
    await pass(clock, SECOND, 50);
    expect(source.issues).toBe(1);
    await token;
  });

  test("polls a store without notices soon, then less and less often, and at least five times a second", async () => {
    const clock = new ManualClock();
    const inner = inOneStep(storeWithoutNotices(clock));
    const source = new TestTokenSource();
    const holder = await inner.lease?.(source.key, HOUR);
    const looks: number[] = [];
    const store: TokenStore = {
      ...inner,
      async getOrLease(...args) {
        looks.push(clock.monotonic());
        return (await inner.getOrLease?.(...args)) as TokenOrLease;
      },
    };
    const token = new TokenCache({ clock, store }).getToken(source);
    await pass(clock, 2 * SECOND, 1);
    const pauses = looks.slice(1).map((at, index) => at - (looks[index] as number));
    expect(pauses[0]).toBeLessThanOrEqual(20);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).toBe(200);
    await holder?.release();
    await pass(clock, SECOND, 50);
    await token;
  });

  test("holds no slot of the host meanwhile", async () => {
    const clock = new ManualClock();
    const store = memoryStore({ clock });
    const here = new TokenCache({ clock, store, maxConcurrentIssues: 1 });
    const there = new TokenCache({ clock, store });
    const [slow, slowThere] = [heldAnswer(), heldAnswer()];
    const first = here.getToken(new TestTokenSource({ key: "first", answer: slow.answer }));
    await settle();
    // It waits for the slot. Meanwhile the other process takes the lease.
    const waiting = here.getToken(new TestTokenSource({ key: "second" }));
    await settle();
    const issuing = there.getToken(new TestTokenSource({ key: "second", answer: slowThere.answer }));
    await settle();
    slow.release();
    await first;
    await settle();
    expect((await here.getToken(new TestTokenSource({ key: "third" }))).value).toBe("token-1");
    slowThere.release({ value: "of-the-other-process" });
    await issuing;
    expect((await waiting).value).toBe("of-the-other-process");
  });
});

describe("what the store answers after the cache is closed", () => {
  test("a token is not adopted", async () => {
    const shared = memoryStore();
    const source = new TestTokenSource();
    await new TokenCache({ store: shared }).getToken(source);
    const { store, answer } = storeWithHeldLook();
    const cache = new TokenCache({ store });
    const token = cache.getToken(source).catch(({ code }) => code);
    await cache.close();
    expect(await token).toBe("closed");
    answer({ type: "token", token: (await shared.get(source.key)) as FoundToken });
    await settle();
    expect(cache.peek(source)).toBeUndefined();
  });

  test("a lease is released, and the store is not asked again", async () => {
    const { store, answer, looks } = storeWithHeldLook();
    const cache = new TokenCache({ store });
    const source = new TestTokenSource();
    const token = cache.getToken(source).catch(({ code }) => code);
    await cache.close();
    expect(await token).toBe("closed");
    let releases = 0;
    answer({ type: "lease", lease: { extend: async () => true, release: async () => void releases++ } });
    await settle();
    expect({ looks: looks(), releases, issues: source.issues }).toEqual({ looks: 1, releases: 1, issues: 0 });
  });
});

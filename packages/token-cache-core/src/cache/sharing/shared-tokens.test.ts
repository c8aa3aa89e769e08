import fc from "fast-check";
import { beforeEach, describe, expect, it, test } from "vitest";
import type { TokenStore } from "../../contract/token-store.ts";
import { chaosStore, ManualClock, memoryStore } from "../../testing/index.ts";
import { TokenCache } from "../token-cache.ts";
import {
  failureOf,
  HOUR,
  heldAnswer,
  MINUTE,
  pass,
  recorder,
  SECOND,
  settle,
  TestTokenSource,
} from "../token-source.test-support.ts";
import { inOneStep } from "./token-store.test-support.ts";

/** The store of tests that have none of their own. */
let createStore: (clock: ManualClock) => TokenStore;

const BOTH_WAYS = [
  ["one after the other", (clock: ManualClock) => memoryStore({ clock })],
  ["in one step", (clock: ManualClock) => inOneStep(memoryStore({ clock }))],
] as const;

/** Two caches on one store, as two processes have them, and what they see. */
function twoProcesses(init: { store?: TokenStore; source?: TestTokenSource } = {}) {
  const clock = new ManualClock();
  const store = init.store ?? createStore(clock);
  const source = init.source ?? new TestTokenSource();
  const [here, there] = [recorder(), recorder()];
  const a = new TokenCache({ clock, store, observer: here.observer });
  const b = new TokenCache({ clock, store, observer: there.observer });
  return { clock, store, source, a, b, here, there };
}

describe.each(BOTH_WAYS)("a shared token of a store that gives token and lease %s", (_, create) => {
  beforeEach(() => {
    createStore = create;
  });

  it("is issued by one cache and adopted by the other", async () => {
    const { source, a, b, there } = twoProcesses();
    const token = await a.getToken(source);
    expect((await b.getToken(source)).id).toBe(token.id);
    expect(source.issues).toBe(1);
    expect(there.types()).toEqual(["flight_started", "adopted"]);
  });

  it("is waited for while the other cache issues it", async () => {
    const held = heldAnswer();
    const { source, a, b } = twoProcesses({ source: new TestTokenSource({ answer: held.answer }) });
    const tokens = [a.getToken(source), b.getToken(source)];
    await settle();
    held.release();
    const [first, second] = await Promise.all(tokens);
    expect(second?.id).toBe(first?.id);
    expect(source.issues).toBe(1);
  });

  it("case 20: is read again after waiting, also if the store has no change notices", async () => {
    const held = heldAnswer();
    const clock = new ManualClock();
    const { changed: _, ...silent } = memoryStore({ clock });
    const { source, a, b } = twoProcesses({ store: silent, source: new TestTokenSource({ answer: held.answer }) });
    const first = a.getToken(source);
    await settle();
    const second = b.getToken(source);
    await settle();
    held.release();
    await first;
    // The cache's own clock stands still here. Its poll has to come due.
    await pass(b.clock as ManualClock, SECOND);
    expect((await second).id).toBe((await first).id);
    expect(source.issues).toBe(1);
  });

  it("does not live longer in the adopting process, whatever the wall clocks say", async () => {
    const clock = new ManualClock();
    const store = memoryStore({ clock });
    const behind = new ManualClock({ startAt: clock.wall() - HOUR });
    const source = new TestTokenSource();
    const issuer = new TokenCache({ clock, store });
    const adopter = new TokenCache({ clock: behind, store });
    await issuer.getToken(source);
    clock.advance(30 * MINUTE);
    const token = await adopter.getToken(source);
    expect(token.expiresAt - behind.wall()).toBe(30 * MINUTE);
    expect(source.issues).toBe(1);
  });

  it("is renewed by one cache, and the other adopts the new one in the background", async () => {
    const { clock, source, a, b } = twoProcesses();
    await a.getToken(source);
    await b.getToken(source);
    clock.advance(51 * MINUTE);
    await a.getToken(source);
    await settle();
    const before = await b.getToken(source);
    await settle();
    const after = await b.getToken(source);
    expect(source.issues).toBe(2);
    expect(after.id).not.toBe(before.id);
    expect(after.id).toBe(a.peek(source)?.id);
  });

  it("is requested again with forceRefresh", async () => {
    const { source, a, b } = twoProcesses();
    await a.getToken(source);
    await b.getToken(source, { forceRefresh: true });
    expect(source.issues).toBe(2);
  });

  it("is dropped by all when one finds it refused, and never adopted again", async () => {
    const { store, source, a, b, there } = twoProcesses();
    const { id: refused } = await a.getToken(source);
    await b.getToken(source);
    const stored = await store.get(source.key);
    await store.delete(source.key, refused);
    expect(there.types()).toContain("refused");
    // Even if it should turn up in the store again.
    if (stored !== undefined) await store.set(source.key, stored, stored.remainingMs);
    expect((await b.getToken(source)).id).not.toBe(refused);
    expect(source.issues).toBe(2);
  });

  it("is neither shared nor handed out if it has expired by the time it arrives", async () => {
    const clock = new ManualClock();
    const store = chaosStore(createStore(clock));
    const sentAt = { wall: clock.wall() - 5 * SECOND, monotonic: clock.monotonic() - 5 * SECOND };
    const answer = () => ({ sentAt, lifetimeMs: 5 * SECOND });
    const call = failureOf(new TokenCache({ clock, store }).getToken(new TestTokenSource({ answer })));
    await pass(clock, 10 * SECOND);
    expect((await call).code).toBe("timeout");
    expect(store.calls.set).toBe(0);
  });

  it("has no listeners any more in a closed cache", async () => {
    const clock = new ManualClock();
    const inner = createStore(clock);
    let listeners = 0;
    const store: TokenStore = {
      ...inner,
      changed() {
        listeners++;
        return () => void listeners--;
      },
    };
    const cache = new TokenCache({ clock, store });
    expect(listeners).toBe(1);
    await cache.close();
    expect(listeners).toBe(0);
  });

  it("is dropped from the store when it is invalidated", async () => {
    const { store, source, a } = twoProcesses();
    const { id } = await a.getToken(source);
    await a.invalidate(source, id);
    expect(await store.get(source.key)).toBeUndefined();
  });

  it("counts as missing, is reported and makes room if its entry was changed", async () => {
    const { store, source, a, b, there } = twoProcesses();
    await store.set(source.key, { id: "0123456789abcdef", payload: '{"v":1,"value":"other"}' }, 100 * HOUR);
    await b.getToken(source);
    expect(there.ofType("store_failed")).toMatchObject([{ operation: "get", reason: "damaged" }]);
    await a.getToken(source);
    expect(source.issues).toBe(1);
  });

  it("counts as missing and is left alone if another version wrote its entry", async () => {
    const { store, source, b, there } = twoProcesses();
    const newer = { id: "0123456789abcdef", payload: '{"v":2,"token":"of a kind to come"}' };
    await store.set(source.key, newer, 100 * HOUR);
    await b.getToken(source);
    expect(there.ofType("store_failed")[0]).toMatchObject({ operation: "get", reason: "unknown_version" });
    expect(await store.get(source.key)).toMatchObject(newer);
  });
});

describe.each(BOTH_WAYS)("the lease of a store that gives token and lease %s", (_, create) => {
  beforeEach(() => {
    createStore = create;
  });

  it("case 21: is extended while its holder's request takes long", async () => {
    const held = heldAnswer();
    const { clock, source, a, b } = twoProcesses({ source: new TestTokenSource({ answer: held.answer }) });
    const tokens = [a.getToken(source), b.getToken(source)];
    await pass(clock, 10 * SECOND, 100);
    expect(source.issues).toBe(1);
    held.release();
    const [first, second] = await Promise.all(tokens);
    expect(second?.id).toBe(first?.id);
  });

  it("case 21: is not extended after its holder is done", async () => {
    const held = heldAnswer();
    const { clock, source, a } = twoProcesses({ source: new TestTokenSource({ answer: held.answer }) });
    const token = a.getToken(source);
    await pass(clock, 5 * SECOND, 100);
    held.release();
    await token;
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  it("is not needed for a long issue if the store gave none", async () => {
    const held = heldAnswer();
    const clock = new ManualClock();
    const store = chaosStore(createStore(clock), { throws: 1 });
    const token = new TokenCache({ clock, store }).getToken(new TestTokenSource({ answer: held.answer }));
    await pass(clock, 5 * SECOND, 100);
    held.release();
    expect((await token).value).toBe("token-1");
  });

  it("is not held by a flight that waits in line for the provider", async () => {
    const held = heldAnswer();
    const clock = new ManualClock();
    const store = createStore(clock);
    const a = new TokenCache({ clock, store, maxConcurrentIssues: 1 });
    const b = new TokenCache({ clock, store });
    const first = a.getToken(new TestTokenSource({ key: "first", answer: held.answer }));
    const source = new TestTokenSource({ key: "second" });
    const waiting = a.getToken(source);
    await settle();
    const { id } = await b.getToken(source);
    held.release();
    await first;
    expect((await waiting).id).toBe(id);
    expect(source.issues).toBe(1);
  });

  it("case 21: if it expires before the issue ends, it costs one more request, and both callers get an answer", async () => {
    const held = heldAnswer();
    const clock = new ManualClock();
    const inner = memoryStore({ clock });
    // Neither cache can extend what it holds.
    const store: TokenStore = {
      ...inner,
      async lease(key, holdMs) {
        const lease = await inner.lease?.(key, holdMs);
        return lease && { ...lease, extend: async () => false };
      },
    };
    const source = new TestTokenSource({ answer: (nth, context) => (nth === 1 ? held.answer(nth, context) : {}) });
    const [a, b] = [new TokenCache({ clock, store }), new TokenCache({ clock, store })];
    const first = a.getToken(source);
    await settle();
    const second = b.getToken(source);
    await pass(clock, 5 * SECOND, 100);
    held.release();
    await Promise.all([first, second]);
    expect(source.issues).toBe(2);
  });

  it("is released when another process's token arrived before it", async () => {
    const clock = new ManualClock();
    const inner = memoryStore({ clock });
    const source = new TestTokenSource();
    const store: TokenStore = {
      ...inner,
      // The other process issues and shares between the look for a token and the lease.
      async lease(key, holdMs) {
        await new TokenCache({ clock, store: inner }).getToken(source);
        return inner.lease?.(key, holdMs);
      },
    };
    await new TokenCache({ clock, store }).getToken(source);
    expect(source.issues).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    expect(await inner.lease?.(source.key, SECOND)).toBeDefined();
  });

  it("is released when it arrives after the time limit", async () => {
    const clock = new ManualClock();
    const inner = memoryStore({ clock });
    const slow = Promise.withResolvers<void>();
    const store: TokenStore = {
      ...inner,
      lease: async (key, holdMs) => slow.promise.then(() => inner.lease?.(key, holdMs)),
    };
    const source = new TestTokenSource();
    const token = new TokenCache({ clock, store }).getToken(source);
    await pass(clock, SECOND, 50);
    await token;
    slow.resolve();
    await settle();
    expect(await inner.lease?.(source.key, SECOND)).toBeDefined();
  });

  it("is released when the issue fails, so that the next process tries at once", async () => {
    const source = new TestTokenSource({
      answer: (nth) => {
        if (nth === 1) throw new TypeError("a bug in the source");
        return {};
      },
    });
    const { a, b } = twoProcesses({ source });
    await expect(a.getToken(source)).rejects.toMatchObject({ code: "invalid_response" });
    await b.getToken(source);
    expect(source.issues).toBe(2);
  });
});

test("case 43: a store that gives another token at each read is asked twice, and then the provider", async () => {
  const clock = new ManualClock();
  const inner = memoryStore({ clock });
  let looks = 0;
  const store: TokenStore = {
    ...inner,
    async getOrLease() {
      if (++looks > 10) throw new Error("It is asked forever.");
      return { type: "token", token: { id: `another-${looks}`, payload: "of no use", remainingMs: HOUR } };
    },
  };
  const source = new TestTokenSource();
  expect((await new TokenCache({ clock, store }).getToken(source)).value).toBe("token-1");
  expect(looks).toBe(2);
  expect(source.issues).toBe(1);
});

describe("case 19: a store that fails", () => {
  it.each(["throws", "hangs"] as const)(
    "that %s: the cache continues without it, pauses it, and uses it again",
    async (way) => {
      const clock = new ManualClock();
      const store = chaosStore(memoryStore({ clock }), { [way]: 1 });
      const source = new TestTokenSource();
      const seen = recorder();
      const cache = new TokenCache({ clock, store, observer: seen.observer });
      const token = cache.getToken(source);
      await pass(clock, SECOND, 50);
      const { id } = await token;
      expect(seen.ofType("store_failed")).toMatchObject([{ operation: "get" }]);
      expect(store.calls).toMatchObject({ get: 1, lease: 0, set: 0 });

      store.setChaos({});
      clock.advance(2 * SECOND);
      await cache.getToken(source, { refusedTokenId: id });
      expect(store.calls).toMatchObject({ lease: 1, set: 1 });
    },
  );

  it("causes no failed call and no wrong token, whatever it does", async () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const anyChaos = fc.record({ throws: share, losesWrites: share, returnsGarbage: share, losesNotices: share });
    await fc.assert(
      fc.asyncProperty(anyChaos, fc.boolean(), fc.integer(), async (chaos, isOneStep, seed) => {
        let state = seed >>> 0;
        const random = () => {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          return state / 2 ** 32;
        };
        const clock = new ManualClock();
        const chaotic = chaosStore(memoryStore({ clock }), { ...chaos, random });
        const store = isOneStep ? inOneStep(chaotic) : chaotic;
        const source = new TestTokenSource();
        const [a, b] = [new TokenCache({ clock, store }), new TokenCache({ clock, store })];
        const all = Promise.all([a.getToken(source), b.getToken(source), a.getToken(source)]);
        await pass(clock, 25 * SECOND, SECOND);
        const tokens = await all;
        for (const { value } of tokens) expect(value).toMatch(/^token-\d$/);
        expect(source.issues).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100 },
    );
  });
});

import { runInNewContext } from "node:vm";
import { describe, expect, it, test } from "vitest";
import type { RenewalPolicy } from "../contract/renewal-policy.ts";
import type { GetTokenOptions } from "../contract/token-cache-like.ts";
import { TokenError } from "../contract/token-error.ts";
import type { FoundToken, TokenStore } from "../contract/token-store.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { inOneStep } from "./sharing/token-store.test-support.ts";
import { TokenCache } from "./token-cache.ts";
import {
  agedCache,
  failing,
  failureOf,
  HOUR,
  heldAnswer,
  MINUTE,
  NEVER,
  pass,
  recorder,
  SECOND,
  STEADY_POLICY,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

/** A store whose operations the test loses or holds back. */
function unreliable(store: TokenStore) {
  const faults = {
    /** Deletions and writes report success, and do nothing. */
    losesWrites: false,
    /** Reads find nothing. */
    isBlind: false,
    /** Reads answer when this does. */
    readable: Promise.resolve(),
  };
  const wrapped: TokenStore = {
    ...store,
    async get(key): Promise<FoundToken | undefined> {
      const found = faults.isBlind ? undefined : await store.get(key);
      await faults.readable;
      return found;
    },
    async set(key, token, remainingMs) {
      if (!faults.losesWrites) await store.set(key, token, remainingMs);
    },
    async delete(key, tokenId) {
      return faults.losesWrites || store.delete(key, tokenId);
    },
  };
  return { faults, store: wrapped };
}

function world({ policy = STEADY_POLICY } = {}) {
  const clock = new ManualClock();
  const shared = memoryStore({ clock });
  const { faults, store } = unreliable(shared);
  const source = new TestTokenSource({ policy });
  const seen = recorder();
  const cache = new TokenCache({ clock, store, observer: seen.observer });
  return { clock, shared, faults, source, seen, cache, other: new TokenCache({ clock, store: shared }) };
}

describe("case 32: a token that was refused or invalidated does not come back from the store", () => {
  test("if the refusal lands while a flight reads the store", async () => {
    const { cache, other, source, faults } = world();
    const { id } = await other.getToken(source);
    const { promise, resolve } = Promise.withResolvers<void>();
    faults.readable = promise;
    const reading = cache.getToken(source);
    await settle();
    faults.losesWrites = true;
    const replaced = cache.getToken(source, { refusedTokenId: id });
    resolve();
    expect([(await reading).value, (await replaced).value]).toEqual(["token-2", "token-2"]);
  });

  test("if the deletion of the first of two refused tokens was lost", async () => {
    const { cache, source, faults } = world();
    const first = await cache.getToken(source);
    faults.losesWrites = true;
    const second = await cache.getToken(source, { refusedTokenId: first.id });
    faults.losesWrites = false;
    expect((await cache.getToken(source, { refusedTokenId: second.id })).value).toBe("token-3");
  });

  test("if it was invalidated while the store was down", async () => {
    const { cache, source, faults } = world();
    const { id } = await cache.getToken(source);
    faults.losesWrites = true;
    await cache.invalidate(source, id);
    expect((await cache.getToken(source)).value).toBe("token-2");
  });

  test("if the answer to an earlier request brings it", async () => {
    const { clock, cache, source } = world();
    source.answer = () => ({ value: "dropped-token" });
    const { id } = await cache.getToken(source);
    const held = heldAnswer();
    source.answer = held.answer;
    const forced = cache.getToken(source, { forceRefresh: true });
    await settle();
    clock.advance(100);
    await cache.invalidate(source, id);
    source.answer = () => ({ value: "another-token" });
    held.release({ value: "dropped-token" });
    await pass(clock, SECOND);
    expect((await forced).value).toBe("another-token");
    expect((await cache.getToken(source)).value).toBe("another-token");
  });

  test("if it is refused while its flight still writes it to the store", async () => {
    const clock = new ManualClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    const shared = memoryStore({ clock });
    const slow: TokenStore = { ...shared, set: async (...args) => promise.then(() => shared.set(...args)) };
    const cache = new TokenCache({ clock, store: slow });
    const source = new TestTokenSource();
    const first = cache.getToken(source);
    await settle();
    const { id } = (await cache.getToken(source)) ?? {};
    await cache.invalidate(source, id);
    const next = cache.getToken(source);
    await settle();
    resolve();
    expect((await first).value).toBe("token-1");
    await pass(clock, 20 * SECOND);
    expect((await next).value).toBe("token-2");
  });

  test("if the refusal came late, and the newer token is dropped too", async () => {
    const { cache, shared, source, faults } = world();
    const first = await cache.getToken(source);
    const found = await shared.get(source.key);
    faults.isBlind = true;
    const second = await cache.getToken(source, { forceRefresh: true });
    expect((await cache.getToken(source, { refusedTokenId: first.id })).id).toBe(second.id);
    await cache.invalidate(source, second.id);
    // The deletion overtook the second token's write, which never came: the store holds the first one.
    if (found !== undefined) await shared.set(source.key, found, found.remainingMs);
    faults.isBlind = false;
    expect((await cache.getToken(source)).value).toBe("token-3");
  });

  test("until the provider itself sends it again", async () => {
    const { cache, other, source } = world();
    source.answer = () => ({ value: "only-token" });
    const { id } = await cache.getToken(source);
    expect((await failureOf(cache.getToken(source, { refusedTokenId: id }))).code).toBe("token_refused");
    await other.getToken(source);
    const restarted = await cache.getToken(source);
    expect(restarted.id).toBe(id);
  });
});

describe("case 33: the same token with a later expiry", () => {
  test("is not adopted from a process that did not see the first answer", async () => {
    const { clock, cache, shared, source, seen } = world();
    source.answer = () => ({ value: "same-token", lifetimeMs: HOUR });
    const { expiresAt } = await cache.getToken(source);
    clock.advance(30 * MINUTE);
    const blind = unreliable(shared);
    blind.faults.isBlind = true;
    await new TokenCache({ clock, store: blind.store }).getToken(source);
    clock.advance(25 * MINUTE);
    await cache.getToken(source);
    await settle();
    expect(cache.peek(source)?.expiresAt).toBe(expiresAt);
    expect(seen.ofType("adopted")).toEqual([]);
  });

  test("is corrected by the entry of a process that knows an earlier one", async () => {
    const { clock, cache, other, faults, source } = world();
    source.answer = () => ({ value: "same-token", lifetimeMs: HOUR });
    const { expiresAt } = await other.getToken(source);
    clock.advance(5 * MINUTE);
    Object.assign(faults, { isBlind: true, losesWrites: true });
    expect((await cache.getToken(source)).expiresAt).toBe(expiresAt + 5 * MINUTE);
    faults.isBlind = false;
    clock.advance(51 * MINUTE);
    await cache.getToken(source);
    await settle();
    expect(cache.peek(source)?.expiresAt).toBe(expiresAt);
  });
});

test("case 40: a token that expired on its way, while the machine slept, is requested again", async () => {
  const clock = new ManualClock();
  const held = heldAnswer();
  const source = new TestTokenSource({ answer: held.answer });
  const call = new TokenCache({ clock }).getToken(source);
  clock.stepWall(2 * HOUR);
  source.answer = () => ({});
  held.release();
  await pass(clock, SECOND);
  expect((await call).issuedAt).toBeGreaterThan(clock.wall() - SECOND);
  expect(source.issues).toBe(2);
});

describe("case 35: where requests share no flights", () => {
  const unshared = { sharedFlights: false };

  /** A stale token whose renewal waits for the test. */
  async function staleWorld() {
    const clock = new ManualClock();
    const held = heldAnswer();
    const source = new TestTokenSource();
    const cache = new TokenCache({ clock, ...unshared });
    const token = await cache.getToken(source);
    source.answer = held.answer;
    clock.advance(58 * MINUTE);
    return { clock, held, source, cache, token };
  }

  it("a token that expired during its failed renewal is not handed out", async () => {
    const { clock, held, source, cache } = await staleWorld();
    const call = failureOf(cache.getToken(source));
    clock.advance(5 * SECOND);
    await settle();
    clock.advance(9 * SECOND);
    clock.stepWall(2 * MINUTE);
    held.fail(new TokenError("invalid_credentials", { message: "no" }));
    expect((await call).code).toBe("invalid_credentials");
  });

  it("a token that was refused during its failed renewal is not handed out", async () => {
    const { held, source, cache, token } = await staleWorld();
    const call = failureOf(cache.getToken(source));
    source.answer = failing("permission_denied");
    await failureOf(cache.getToken(source, { refusedTokenId: token.id }));
    held.fail(new TokenError("invalid_credentials", { message: "no" }));
    expect((await call).code).toBe("invalid_credentials");
  });

  it("close() ends every flight at once", async () => {
    const cache = new TokenCache({ clock: new ManualClock(), ...unshared });
    const source = new TestTokenSource({ answer: NEVER });
    const calls = [failureOf(cache.getToken(source)), failureOf(cache.getToken(source))];
    await cache.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["closed", "closed"]);
  });

  it("an older answer does not replace a newer token", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, ...unshared });
    const held = heldAnswer();
    const source = new TestTokenSource({ answer: held.answer });
    const older = cache.getToken(source);
    clock.advance(SECOND);
    source.answer = () => ({});
    const newer = await cache.getToken(source);
    held.release();
    expect((await older).value).toBe("token-1");
    expect(cache.peek(source)?.id).toBe(newer.id);
  });

  it("an older answer with a token that was dropped before it was asked for replaces no newer token", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, ...unshared });
    const source = new TestTokenSource();
    const dropped = await cache.getToken(source);
    await cache.invalidate(source, dropped.id);
    clock.advance(SECOND);
    const held = heldAnswer();
    source.answer = held.answer;
    const older = cache.getToken(source);
    clock.advance(SECOND);
    source.answer = () => ({});
    const newer = await cache.getToken(source);
    held.release({ value: dropped.value });
    expect((await older).id).toBe(dropped.id);
    expect(cache.peek(source)?.id).toBe(newer.id);
  });

  it("the token that a flight started with gets no new life, and replaces no newer one", async () => {
    const { held, source, cache, token } = await staleWorld();
    const same = cache.getToken(source);
    source.answer = () => ({});
    const newer = await cache.getToken(source);
    expect(newer.id).not.toBe(token.id);
    held.release({ value: token.value, lifetimeMs: HOUR });
    expect(await same).toMatchObject({ id: token.id, expiresAt: token.expiresAt });
    expect(cache.peek(source)?.id).toBe(newer.id);
  });
});

describe("case 35: where requests share no flights but a store, a hundred callers cost one request", () => {
  const extending: RenewalPolicy = { ...STEADY_POLICY, extendsSameToken: true };

  it.each([
    { what: "stale", policy: STEADY_POLICY, ageMs: 52 * MINUTE },
    { what: "expired", policy: STEADY_POLICY, ageMs: 2 * HOUR },
    { what: "refused", policy: STEADY_POLICY, ageMs: MINUTE },
    { what: "to be extended", policy: extending, ageMs: 52 * MINUTE },
  ])("from nothing, and again when their token is $what", async ({ what, policy, ageMs }) => {
    const clock = new ManualClock();
    const source = new TestTokenSource({
      policy,
      answer: (nth) => ({ value: policy === extending ? "same" : `${nth}` }),
    });
    const cache = new TokenCache({ clock, store: memoryStore({ clock }), sharedFlights: false });
    async function hundredCalls(options: GetTokenOptions) {
      const calls = Array.from({ length: 100 }, () => cache.getToken(source, options));
      await pass(clock, 5 * SECOND);
      expect(new Set(await Promise.all(calls)).size).toBe(1);
    }
    await hundredCalls({});
    expect(source.issues).toBe(1);
    const first = cache.peek(source);
    clock.advance(ageMs);
    await hundredCalls(what === "refused" ? { refusedTokenId: first?.id } : {});
    expect(source.issues).toBe(2);
  });
});

test("case 35: a flight that fails hands out the token that another flight brought meanwhile", async () => {
  const held = heldAnswer();
  const source = new TestTokenSource({ answer: held.answer });
  const cache = new TokenCache({ clock: new ManualClock(), sharedFlights: false });
  const first = cache.getToken(source);
  source.answer = () => ({});
  const { id } = await cache.getToken(source);
  held.fail(new TokenError("permission_denied", { message: "no" }));
  expect((await first).id).toBe(id);
});

test("case 32: an outdated answer counts as one of the flight's attempts", async () => {
  const clock = new ManualClock();
  const held = heldAnswer();
  const source = new TestTokenSource();
  const cache = new TokenCache({ clock });
  const { id, value } = await cache.getToken(source);
  source.answer = held.answer;
  const forced = failureOf(cache.getToken(source, { forceRefresh: true }));
  clock.advance(SECOND);
  await cache.invalidate(source, id);
  source.answer = failing("network");
  held.release({ value });
  await pass(clock, 20 * SECOND);
  expect((await forced).code).toBe("network");
  expect(source.issues).toBe(1 + 3);
});

test("case 33: a forced refresh keeps the earlier expiry that the store knows", async () => {
  const { clock, cache, other, source } = world();
  source.answer = () => ({ value: "same-token" });
  const { expiresAt } = await other.getToken(source);
  clock.advance(20 * MINUTE);
  expect((await cache.getToken(source, { forceRefresh: true })).expiresAt).toBe(expiresAt);
});

test("case 33: the store's earlier expiry of our own token counts, also in the token's last moments", async () => {
  const { clock, cache, other, shared, source } = world();
  source.answer = () => ({ value: "same-token" });
  const { expiresAt } = await other.getToken(source);
  const entry = await shared.get(source.key);
  await shared.delete(source.key, entry?.id ?? "");
  clock.advance(20 * MINUTE);
  await cache.getToken(source);
  await settle();
  clock.advance(39 * MINUTE);
  if (entry !== undefined) await shared.set(source.key, entry, MINUTE);
  source.answer = failing("network");
  const forced = failureOf(cache.getToken(source, { forceRefresh: true }));
  await pass(clock, 20 * SECOND);
  expect((await forced).code).toBe("network");
  expect(cache.peek(source)?.expiresAt ?? expiresAt).toBe(expiresAt);
});

test("case 33: the expiry that the store knows counts if a step of the wall clock ended our own count", async () => {
  const clock = new ManualClock();
  const storeClock = new ManualClock();
  const cache = new TokenCache({ clock, store: memoryStore({ clock: storeClock }) });
  const source = new TestTokenSource({ answer: () => ({ value: "same-token", lifetimeMs: HOUR }) });
  await cache.getToken(source);
  // It sleeps for 59 minutes, which only the wall clock counts, and that clock is set one hour ahead.
  clock.stepWall(59 * MINUTE + HOUR);
  storeClock.advance(59 * MINUTE);
  const { expiresAt } = await cache.getToken(source);
  expect(expiresAt - clock.wall()).toBe(MINUTE);
});

test("case 33: a step of the wall clock gives a token that is sent again no new life", async () => {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock });
  const source = new TestTokenSource({ answer: () => ({ value: "same-token", lifetimeMs: HOUR }) });
  await cache.getToken(source);
  clock.advance(59 * MINUTE);
  clock.stepWall(HOUR);
  const { expiresAt } = await cache.getToken(source);
  expect(expiresAt - clock.wall()).toBe(MINUTE);
});

test("case 35: nothing is adopted or reported after close()", async () => {
  const { cache, other, source, faults, seen } = world();
  await other.getToken(source);
  const { promise, resolve } = Promise.withResolvers<void>();
  faults.readable = promise;
  const call = failureOf(cache.getToken(source));
  await settle();
  await cache.close();
  const reported = seen.types().length;
  resolve();
  await settle();
  expect((await call).code).toBe("closed");
  expect(seen.types()).toHaveLength(reported);
});

test("case 36: a caller that waited out a young token can still abort", async () => {
  const { cache, source, clock } = await agedCache(0, NEVER, { ...STEADY_POLICY, propagationMs: 1_000 });
  const { id } = await cache.getToken(source);
  const caller = new AbortController();
  const call = cache.getToken(source, { refusedTokenId: id, signal: caller.signal });
  await cache.invalidate(source, id);
  clock.advance(1_000);
  await settle();
  const reason = new Error("the caller has gone");
  caller.abort(reason);
  await expect(call).rejects.toBe(reason);
});

describe("case 38: while the provider is left alone after a failure", () => {
  test("another process's token is adopted at once", async () => {
    const { cache, other, source } = world();
    source.answer = failing("rate_limited", { retryAfterMs: 10 * MINUTE });
    await failureOf(cache.getToken(source));
    source.answer = () => ({});
    const { id } = await other.getToken(source);
    expect((await cache.getToken(source)).id).toBe(id);
    expect(source.issues).toBe(2);
  });

  test("an adopted token does not end the wait that the provider asked for", async () => {
    const { clock, cache, other, source } = world();
    source.answer = failing("rate_limited", { retryAfterMs: 10 * MINUTE });
    await failureOf(cache.getToken(source));
    source.answer = () => ({ lifetimeMs: 2 * MINUTE });
    await other.getToken(source);
    await cache.getToken(source);
    clock.advance(3 * MINUTE);
    expect((await failureOf(cache.getToken(source))).code).toBe("rate_limited");
    expect(source.issues).toBe(2);
  });

  test("a caller of a forced refresh that fails gets the token that came to the store meanwhile", async () => {
    const { clock, cache, shared, source } = world();
    const { lease: _, ...leaseless } = shared;
    const other = new TokenCache({ clock, store: leaseless });
    const held = heldAnswer();
    source.answer = held.answer;
    const forced = cache.getToken(source, { forceRefresh: true });
    await settle();
    const joined = cache.getToken(source);
    source.answer = () => ({});
    const { id } = await other.getToken(source, { forceRefresh: true });
    held.fail(new TokenError("permission_denied", { message: "no" }));
    expect((await joined).id).toBe(id);
    await forced;
  });

  test("the provider is not asked, and the error is the same", async () => {
    const { cache, source, seen } = world();
    source.answer = failing("rate_limited", { retryAfterMs: 10 * MINUTE });
    const error = await failureOf(cache.getToken(source));
    for (let call = 0; call < 20; call++) expect(await failureOf(cache.getToken(source))).toBe(error);
    expect(source.issues).toBe(1);
    expect(seen.ofType("renewal_failed")).toHaveLength(seen.ofType("flight_started").length);
  });
});

describe.each([
  ["one after the other", (store: TokenStore) => store],
  ["in one step", inOneStep],
])("case 39: an extended token, with token and lease %s", (_, prepared) => {
  const EXTENDING = { ...STEADY_POLICY, extendsSameToken: true };

  it("costs one request, though the callers of all processes come together", async () => {
    const clock = new ManualClock();
    const store = prepared(memoryStore({ clock }));
    const source = new TestTokenSource({ policy: EXTENDING });
    source.answer = () => ({ value: "same-token" });
    const caches = Array.from({ length: 4 }, () => new TokenCache({ clock, store }));
    for (const cache of caches) await cache.getToken(source);
    for (let renewals = 1; renewals <= 3; renewals++) {
      clock.advance(55 * MINUTE);
      const held = heldAnswer();
      source.answer = held.answer;
      for (const cache of caches) await cache.getToken(source);
      await settle();
      held.release({ value: "same-token" });
      await pass(clock, SECOND);
      expect(source.issues).toBe(1 + renewals);
    }
  });

  it("costs one request for each extension after a confirmed refusal too", async () => {
    const clock = new ManualClock();
    const store = prepared(memoryStore({ clock }));
    const source = new TestTokenSource({ policy: EXTENDING, answer: () => ({ value: "same-token" }) });
    const caches = [new TokenCache({ clock, store }), new TokenCache({ clock, store })] as const;
    const { id } = await caches[0].getToken(source);
    await caches[1].getToken(source);
    await failureOf(caches[0].getToken(source, { refusedTokenId: id }));
    await caches[1].getToken(source);
    await settle();
    const before = source.issues;
    for (let renewals = 1; renewals <= 3; renewals++) {
      clock.advance(55 * MINUTE);
      for (const cache of caches) {
        await cache.getToken(source);
        await settle();
      }
      expect(source.issues).toBe(before + renewals);
    }
  });
});

test("a flight that waits in line for the provider's host holds no lease", async () => {
  const clock = new ManualClock();
  const store = memoryStore({ clock });
  const busy = new TokenCache({ clock, store, maxConcurrentIssues: 1 });
  const free = new TokenCache({ clock, store });
  const first = new TestTokenSource({ key: "first", answer: NEVER });
  const second = new TestTokenSource({ key: "second" });
  busy.getToken(first).catch(() => {});
  await settle();
  const inLine = busy.getToken(second);
  await settle();
  const { id } = await free.getToken(second);
  await busy.invalidate(first, "");
  await pass(clock, 20 * SECOND);
  expect((await inLine).id).toBe(id);
  expect(second.issues).toBe(1);
  await busy.close();
});

describe("case 33: a token that reaches the store late", () => {
  /** A token whose write reaches the store 40 s after it was sent. `meanwhile` happens before. */
  async function writtenLate(meanwhile: (cache: TokenCache, source: TestTokenSource, id: string) => Promise<void>) {
    const clock = new ManualClock();
    const shared = memoryStore({ clock });
    const { promise: sent, resolve: arrive } = Promise.withResolvers<void>();
    let writes = 0;
    const set: TokenStore["set"] = async (...args) => {
      if (++writes === 1) await sent;
      await shared.set(...args);
    };
    const cache = new TokenCache({ clock, store: { ...shared, set } });
    const source = new TestTokenSource({ answer: () => ({ lifetimeMs: MINUTE }) });
    const call = cache.getToken(source);
    await pass(clock, SECOND);
    await meanwhile(cache, source, (await call).id);
    await pass(clock, 39 * SECOND);
    arrive();
    await settle();
    return { writes, found: await shared.get(source.key) };
  }

  it("keeps its end", async () => {
    const { found } = await writtenLate(async () => {});
    expect(found?.remainingMs).toBe(20 * SECOND);
  });

  it("is deleted if it was invalidated meanwhile", async () => {
    const { found } = await writtenLate((cache, source, id) => cache.invalidate(source, id));
    expect(found).toBeUndefined();
  });

  it("is left as it is by a closed cache", async () => {
    const { writes } = await writtenLate((cache) => cache.close());
    expect(writes).toBe(1);
  });
});

test("a lease is released at once, though the token could not be written", async () => {
  const clock = new ManualClock();
  const store = memoryStore({ clock });
  const source = new TestTokenSource();
  const broken: TokenStore = { ...store, set: () => Promise.reject(new Error("full")) };
  await new TokenCache({ clock, store: broken }).getToken(source);
  await settle();
  expect(await store.lease?.(source.key, SECOND)).toBeDefined();
});

test.each([1, 300, 999])("case 47: a token that lives %i ms does not cost a request per call", async (lifetimeMs) => {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock });
  const source = new TestTokenSource({ answer: () => ({ lifetimeMs }) });
  let served = 0;
  for (let step = 0; step < 500; step++) {
    cache.getToken(source).then(() => served++);
    await pass(clock, 20, 20);
  }
  expect(source.issues).toBeLessThanOrEqual(12);
  expect(served).toBeGreaterThan(400);
});

test.each([
  ["is async", async () => Promise.reject(new Error("no dashboard"))],
  ["is async in another realm", runInNewContext("async () => { throw new Error('no dashboard') }") as () => unknown],
])("case 48: an observer that %s and rejects is ignored", async (_what, observer) => {
  const cache = new TokenCache({ clock: new ManualClock(), observer });
  expect((await cache.getToken(new TestTokenSource())).value).toBe("token-1");
  await settle();
  await new Promise((resolve) => setImmediate(resolve)); // An unhandled rejection would end the process by now.
});

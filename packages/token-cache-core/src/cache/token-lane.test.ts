import { describe, expect, test } from "vitest";
import type { ApiAnswer } from "../contract/api-answer.ts";
import type { LaneOwner, RateLimitRules } from "../contract/rate-limits.ts";
import type { RenewalPolicy } from "../contract/renewal-policy.ts";
import { TokenError } from "../contract/token-error.ts";
import type { IssueContext, IssuedToken } from "../contract/token-source.ts";
import type { TokenStore } from "../contract/token-store.ts";
import { Gateway, rules } from "../rate-limit/lanes.test-support.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  failureOf,
  HOUR,
  MINUTE,
  pass,
  recorder,
  SECOND,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

const TOKEN_URL = "https://auth.test/token";

/** Renewed in the last 28 minutes of three hours, spread over most of them. */
const POLICY: RenewalPolicy = { softWindow: { ms: 28 * MINUTE }, hardWindow: { ms: 30 * SECOND }, jitter: 0.8 };

const limits: RateLimitRules = {
  ...rules,
  tokenRequests: { name: "token requests", limit: { perSecond: 2, burst: 2 }, isAssumed: true },
};
const application: LaneOwner = {
  provider: "test-provider",
  group: "test-provider:https://auth.test:app",
  rules: limits,
};

/** A provider whose gateway counts the token requests of an application. */
function world(options: { store?: TokenStore; gateway?: Gateway; clock?: ManualClock; isObserved?: boolean } = {}) {
  const { clock = new ManualClock(), store, isObserved = true } = options;
  const gateway = options.gateway ?? new Gateway(clock, { perSecond: 2, burst: 2 });
  const seen = recorder();
  const cache = new TokenCache({
    clock,
    store,
    observer: isObserved ? seen.observer : undefined,
    maxIdentities: 20_000,
  });
  /** A seller, whose token requests wait for their turn unless told otherwise. */
  const seller = (name: string, { isLimited = true, lifetimeMs = 3 * HOUR, policy = POLICY } = {}) => {
    const source = new TestTokenSource({ key: `test-provider:https://auth.test:${name}`, policy });
    source.answer = async (nth, context) =>
      isLimited ? request(`${name}-${nth}`, lifetimeMs, context) : { value: `${name}-first`, lifetimeMs };
    return isLimited ? Object.assign(source, { rateLimit: application }) : source;
  };
  async function request(value: string, lifetimeMs: number, context: IssueContext): Promise<Partial<IssuedToken>> {
    const { status, headers } = await gateway.call(TOKEN_URL);
    const answer: ApiAnswer = { method: "POST", status, headers, readJson: async () => ({}) };
    await context.learnLimit?.(answer);
    if (status === 200) return { value, lifetimeMs };
    const code = headers.has("closed") ? "quota_exhausted" : "rate_limited";
    throw new TokenError(code, { message: "Refused.", provider: "test-provider", retryAfterMs: HOUR });
  }
  const call = (path = "/v1/orders") => {
    const url = new URL(path, "https://api.test");
    return cache.pacer.send({
      owner: application,
      method: "GET",
      url,
      identity: "seller",
      signal: undefined,
      canResend: true,
      resendAnyMethod: false,
      budget: { leftMs: 10_000 },
      send: async (answered) => answered(await gateway.call(url.href)),
    });
  };
  return { clock, gateway, cache, seen, seller, call };
}

/** A store that takes some time to answer. */
function slowly(store: TokenStore, clock: ManualClock): TokenStore {
  const slow = <T extends unknown[], R>(work: ((...args: T) => Promise<R>) | undefined) =>
    work &&
    (async (...args: T): Promise<R> => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 3));
      return await work(...args);
    });
  return { ...store, getOrLease: slow(store.getOrLease), take: slow(store.take) } as TokenStore;
}

test("a turn that one process needs no more is the next caller's at once", async () => {
  const clock = new ManualClock();
  const gateway = new Gateway(clock, { perSecond: 2, burst: 2 });
  const store = slowly(memoryStore({ clock }), clock);
  const processes = Array.from({ length: 4 }, () => world({ clock, gateway, store }));
  const sellers = Array.from({ length: 20 }, (_, index) => `seller-${index}`);
  const from = clock.monotonic();
  let until = from;
  const calls = processes.map(({ cache, seller }) =>
    Promise.all(sellers.map((name) => cache.getToken(seller(name)))).then(() => {
      until = clock.monotonic();
    }),
  );
  await pass(clock, 60 * SECOND, 2);
  await Promise.all(calls);
  expect(gateway.arrivals.length).toBe(20);
  // The lane needs ten seconds for twenty requests.
  expect(until - from).toBeLessThan(15 * SECOND);
});

test("10,000 sellers whose tokens are due within an hour: no 429, nobody waits, no token expires in use", {
  tags: ["slow"],
}, async () => {
  const { clock, gateway, cache, seller } = world({ isObserved: false });
  const sellers = Array.from({ length: 10_000 }, (_, index) => seller(`seller-${index}`));
  // The tokens are issued within an hour, so they end within an hour. The lane needs 83 minutes to renew them.
  gateway.limit = { perSecond: 10, burst: 10 };
  for (const source of sellers) {
    const first = cache.getToken(source);
    await pass(clock, 360, 60);
    await first;
  }
  gateway.limit = { perSecond: 2, burst: 2 };
  clock.advance(90 * MINUTE);
  let waits = 0;
  const stepMs = 500;
  for (let step = 0; cache.clock.monotonic() < 4.1 * HOUR; step++) {
    // Each seller calls once a minute.
    for (let index = step % 120; index < sellers.length; index += 120) {
      const source = sellers[index] as TestTokenSource;
      if (cache.peek(source) === undefined) waits++;
      cache.getToken(source).catch(() => waits++);
    }
    clock.advance(stepMs);
    await settle();
  }
  expect(gateway.refusals).toBe(0);
  expect(waits).toBe(0);
  expect(gateway.arrivals.length).toBeGreaterThanOrEqual(20_000);
});

describe("the lane of token requests", () => {
  test("gives a caller without a token the next turn, before all background renewals", async () => {
    const { clock, gateway, cache, seller } = world();
    const old = Array.from({ length: 20 }, (_, index) => `old-${index}`);
    for (const name of old) await cache.getToken(seller(name, { isLimited: false }));
    clock.advance(3 * HOUR - MINUTE);
    const limited = old.map((name) => seller(name));
    for (const source of limited) await cache.getToken(source);
    await pass(clock, SECOND, 10);
    const before = gateway.arrivals.length;
    const newcomer = cache.getToken(seller("newcomer"));
    // Another caller's token is invalidated while its renewal waits in line.
    const [last] = limited.slice(-1);
    await cache.invalidate(last as TestTokenSource, "unknown");
    const forced = cache.getToken(last as TestTokenSource, { forceRefresh: true });
    await pass(clock, 1_100, 10);
    expect((await newcomer).value).toBe("newcomer-1");
    expect((await forced).value).toBe("old-19-1");
    expect(gateway.arrivals.length - before).toBeLessThanOrEqual(3);
    expect(gateway.refusals).toBe(0);
  });

  test("orders background renewals by how soon their tokens end", async () => {
    const { clock, cache, seller, seen } = world();
    const policy = { ...POLICY, jitter: 0 };
    const endsInMinutes = [9, 5, 7, 3];
    for (const minutes of endsInMinutes) {
      const lifetimeMs = 3 * HOUR + minutes * MINUTE;
      await cache.getToken(seller(`${minutes}`, { isLimited: false, lifetimeMs, policy }));
    }
    clock.advance(3 * HOUR);
    for (const minutes of endsInMinutes) await cache.getToken(seller(`${minutes}`, { policy }));
    await pass(clock, 3 * SECOND, 10);
    const renewed = seen.ofType("issued").slice(endsInMinutes.length);
    // The first one had its turn at once.
    expect(renewed.map(({ key }) => key.split(":").at(-1))).toEqual(["9", "3", "5", "7"]);
  });

  test("gives a turn back if another process has renewed the token meanwhile", async () => {
    const clock = new ManualClock();
    const gateway = new Gateway(clock, { perSecond: 2, burst: 2 });
    const store = memoryStore({ clock });
    const processes = Array.from({ length: 4 }, () => world({ clock, gateway, store }));
    const names = Array.from({ length: 12 }, (_, index) => `seller-${index}`);
    for (const { cache, seller } of processes) {
      for (const name of names) await cache.getToken(seller(name, { isLimited: false }));
    }
    clock.advance(3 * HOUR - 5 * MINUTE);
    for (const { cache, seller } of processes) for (const name of names) await cache.getToken(seller(name));
    await pass(clock, 12 * SECOND, 10);
    // Twelve turns for twelve sellers, though four processes wanted each of them.
    expect(gateway.arrivals).toHaveLength(12);
    expect(gateway.refusals).toBe(0);
    for (const { cache, seller } of processes) {
      for (const name of names) expect((await cache.getToken(seller(name))).value).toBe(`${name}-1`);
    }
  });

  test("gives each request of an attempt a turn, and the next turn to the second one", async () => {
    const { clock, gateway, cache, seller } = world();
    const source = seller("twice");
    const { answer } = source;
    const sentAt: number[] = [];
    source.answer = async (nth, context) => {
      for (const attempt of [1, 2]) {
        await context.takeTurn?.();
        sentAt[attempt] = clock.monotonic();
        if (attempt === 1) await answer(nth, context);
      }
      return answer(nth, context);
    };
    const tokens = [source, ...["a", "b", "c"].map((name) => seller(name))].map((each) => cache.getToken(each));
    await pass(clock, 5 * SECOND, 10);
    await Promise.all(tokens);
    expect(gateway.arrivals).toHaveLength(5);
    expect(gateway.refusals).toBe(0);
    const [, first = 0, second = 0] = sentAt;
    expect(second - first).toBeGreaterThanOrEqual(250);
    expect(gateway.arrivals.filter(({ at }) => at < second).length).toBeLessThanOrEqual(2);
  });

  test("has no limit if an answer names none", async () => {
    const clock = new ManualClock();
    const { gateway, cache, seller } = world({
      clock,
      gateway: new Gateway(clock, { perSecond: 100, burst: 100, tells: false }),
    });
    const tokens = Array.from({ length: 40 }, (_, index) => cache.getToken(seller(`seller-${index}`)));
    await pass(clock, SECOND, 10);
    await Promise.all(tokens);
    expect(gateway.refusals).toBe(0);
  });
});

describe("an exhausted quota", () => {
  const exhausted = () => new Response("{}", { status: 429, headers: { closed: "3600000" } });

  test("at the token endpoint stops token requests and API calls, with one event", async () => {
    const { clock, gateway, cache, seller, call, seen } = world();
    gateway.override = () => exhausted();
    const first = failureOf(cache.getToken(seller("first")));
    await pass(clock, 100, 10);
    expect((await first).code).toBe("quota_exhausted");
    gateway.override = () => undefined;
    expect((await failureOf(cache.getToken(seller("second")))).code).toBe("quota_exhausted");
    expect((await failureOf(call())).code).toBe("quota_exhausted");
    expect(gateway.arrivals).toHaveLength(1);
    expect(seen.ofType("lanes_closed")).toHaveLength(1);
    clock.advance(HOUR);
    const third = cache.getToken(seller("third"));
    const answered = call();
    await pass(clock, 200, 10);
    expect([(await third).value, (await answered).status]).toEqual(["third-1", 200]);
    expect(seen.ofType("lanes_opened")).toHaveLength(1);
  });

  test("of API calls stops no token request", async () => {
    const { clock, gateway, cache, seller, call } = world();
    gateway.override = (url) => (url === TOKEN_URL ? undefined : exhausted());
    const refused = failureOf(call());
    const token = cache.getToken(seller("seller"));
    await pass(clock, 200, 10);
    expect((await refused).code).toBe("quota_exhausted");
    expect((await token).value).toBe("seller-1");
  });
});

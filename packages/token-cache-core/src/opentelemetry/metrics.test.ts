import { DataPointType } from "@opentelemetry/sdk-metrics";
import { describe, expect, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import type { TokenCacheOptions } from "../cache/token-cache-options.ts";
import {
  failing,
  HOUR,
  MINUTE,
  SECOND,
  STEADY_POLICY,
  settle,
  TestTokenSource,
} from "../cache/token-source.test-support.ts";
import { readCredentials } from "../credentials/read-credentials.ts";
import { createTokenSource } from "../provider/create-token-source.ts";
import { Gateway, passUntil, rules } from "../rate-limit/lanes.test-support.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { instant } from "../time/clock.ts";
import { type OpenTelemetryOptions, openTelemetry } from "./index.ts";
import { METRICS } from "./metrics.ts";
import { startSdk } from "./sdk.test-support.ts";

function startCache(options: TokenCacheOptions = {}, telemetry: OpenTelemetryOptions = {}) {
  const sdk = startSdk();
  const clock = new ManualClock();
  const { meterProvider } = sdk;
  const watched = { clock, maxAttempts: 1, telemetry: openTelemetry({ meterProvider, ...telemetry }), ...options };
  const another = (own: TokenCacheOptions = {}) => new TokenCache({ ...watched, ...own });
  return { ...sdk, clock, cache: another(), another };
}

describe("lookups", () => {
  test("are counted by how they were answered, without an event for a hit", async () => {
    const { cache, clock, read } = startCache();
    const source = new TestTokenSource();
    await Promise.all([cache.getToken(source), cache.getToken(source), cache.getToken(source)]);
    for (let hits = 0; hits < 5; hits++) await cache.getToken(source);
    clock.advance(55 * MINUTE);
    await cache.getToken(source);
    await settle();
    expect(await read("lookups")).toEqual({
      "test-provider wait": 3,
      "test-provider hit": 5,
      "test-provider stale_hit": 1,
    });
  });

  test("are counted for an application that has an observer too, and for calls with options", async () => {
    const { cache, read } = startCache({ observer: () => {} });
    const source = new TestTokenSource();
    await cache.getToken(source);
    for (let hits = 0; hits < 3; hits++) await cache.getToken(source);
    await cache.getToken(source, { signal: new AbortController().signal });
    expect(await read("lookups")).toMatchObject({ "test-provider hit": 4 });
  });

  test("of all caches add up, also those of a closed cache", async () => {
    const { cache, another, read } = startCache();
    const [source, other] = [new TestTokenSource(), another()];
    for (const each of [cache, other]) {
      await each.getToken(source);
      await each.getToken(source);
    }
    expect(await read("lookups")).toMatchObject({ "test-provider hit": 2, "test-provider wait": 2 });
    await cache.close();
    await other.getToken(source);
    expect(await read("lookups")).toMatchObject({ "test-provider hit": 3, "test-provider wait": 2 });
  });

  test("of all closed caches stay, for each provider", async () => {
    const { another, clock, read } = startCache();
    const sources = ["one", "two"].map((provider) =>
      Object.assign(new TestTokenSource({ key: provider }), { provider }),
    );
    for (let nth = 0; nth < 2; nth++) {
      const cache = another();
      for (const source of sources) await cache.getToken(source);
      for (const source of sources) await cache.getToken(source);
      clock.advance(55 * MINUTE);
      for (const source of sources) await cache.getToken(source);
      await cache.close();
    }
    expect(await read("lookups")).toEqual({
      ...{ "one wait": 2, "one hit": 2, "one stale_hit": 2 },
      ...{ "two wait": 2, "two hit": 2, "two stale_hit": 2 },
    });
  });
});

describe("flights and token requests", () => {
  test("are timed by outcome, each attempt by itself", async () => {
    const { cache, clock, collect, read } = startCache({ maxAttempts: 2 });
    const source = new TestTokenSource({
      answer: (nth) => {
        clock.advance(250);
        if (nth === 1) throw failingError("provider_unavailable");
        return {};
      },
    });
    await Promise.all([cache.getToken(source), passing(clock)]);
    const durations = (await collect()).filter(({ name }) => name === "token_cache.request.duration");
    expect(durations).toEqual([
      expect.objectContaining({
        value: 1,
        sum: 0.25,
        attributes: { "token_cache.provider": "test-provider", "error.type": "provider_unavailable" },
      }),
      expect.objectContaining({ value: 1, sum: 0.25, attributes: { "token_cache.provider": "test-provider" } }),
    ]);
    expect(await read("flight.duration")).toEqual({ "test-provider issued": 1 });
  });

  test("distinguish a failure that callers notice from one that a usable token hides", async () => {
    const { cache, clock, read } = startCache();
    const source = new TestTokenSource();
    await cache.getToken(source);
    source.answer = failing("timeout");
    clock.advance(55 * MINUTE);
    await cache.getToken(source);
    await settle();
    clock.advance(HOUR);
    await cache.getToken(source).catch(() => {});
    expect(await read("flight.duration")).toEqual({
      "test-provider issued": 1,
      "test-provider failed_token_kept timeout": 1,
      "test-provider failed timeout": 1,
    });
  });

  test("are timed in seconds, whether they fail or not", async () => {
    const { cache, clock, readSums } = startCache();
    const fails = failing("timeout");
    const answer: TestTokenSource["answer"] = (nth, context) => {
      clock.advance(250);
      return nth === 1 ? {} : fails(nth, context);
    };
    const source = new TestTokenSource({ answer });
    await cache.getToken(source);
    clock.advance(HOUR);
    await cache.getToken(source).catch(() => {});
    const durations = { "test-provider issued": 0.25, "test-provider failed timeout": 0.25 };
    expect(await readSums("flight.duration")).toEqual(durations);
  });

  test("distinguish another process's token", async () => {
    const clock = new ManualClock();
    const { cache, another, read } = startCache({ clock, store: memoryStore({ clock }) });
    await cache.getToken(new TestTokenSource());
    await another().getToken(new TestTokenSource());
    expect(await read("flight.duration")).toEqual({ "test-provider issued": 1, "test-provider adopted": 1 });
  });
});

describe("tokens", () => {
  test("are counted by state, with the remaining life of the shortest-lived one in use", async () => {
    const { cache, clock, read } = startCache();
    const [middle, short, long] = [45, 30, 60].map(
      (minutes) =>
        new TestTokenSource({
          key: `test:${minutes}`,
          answer: () => ({ lifetimeMs: minutes * MINUTE, value: `${minutes}` }),
        }),
    );
    if (middle === undefined || short === undefined || long === undefined) throw new Error("unreachable");
    await cache.getToken(middle);
    await cache.getToken(short);
    await cache.getToken(long);
    clock.advance(5 * MINUTE);
    expect(await read("token.count")).toEqual({
      "test-provider fresh": 3,
      "test-provider stale": 0,
      "test-provider expired": 0,
    });
    expect(await read("token.remaining_lifetime")).toEqual({ "test-provider": 25 * 60 });
    // The short ones are no longer used, so their end does not matter.
    for (let minute = 0; minute < 15; minute++) {
      clock.advance(MINUTE);
      await cache.getToken(long);
    }
    expect(await read("token.remaining_lifetime")).toEqual({ "test-provider": 40 * 60 });
    clock.advance(20 * MINUTE);
    expect(await read("token.remaining_lifetime")).toEqual({ "test-provider": Number.NaN });
    expect(await read("token.count")).toMatchObject({ "test-provider expired": 1, "test-provider fresh": 1 });
  });

  test("in use that have expired show a negative life", async () => {
    const { cache, clock, read } = startCache();
    const source = new TestTokenSource();
    await cache.getToken(source);
    source.answer = failing("network");
    clock.advance(HOUR + MINUTE);
    await cache.getToken(source).catch(() => {});
    expect(await read("token.remaining_lifetime")).toEqual({ "test-provider": -60 });
  });

  test("that are refused or evicted are counted", async () => {
    const { cache, clock, read } = startCache({ maxIdentities: 1 });
    const source = new TestTokenSource();
    const { id } = await cache.getToken(source);
    clock.advance(MINUTE);
    await cache.getToken(source, { refusedTokenId: id });
    await cache.getToken(new TestTokenSource({ key: "test:other" }));
    expect(await read("token.refusals")).toEqual({ "test-provider": 1 });
    expect(await read("token.evictions")).toEqual({ "test-provider capacity": 1 });
  });
});

test("fetches of credentials are counted by outcome", async () => {
  const { cache, clock, read } = startCache();
  const answers = [{ id: "a" }, { id: "a" }, { id: "b" }];
  const options = { credentials: async () => answers.shift() ?? {}, credentialsTtlMs: MINUTE, timeoutMs: SECOND };
  const source = createTokenSource({
    provider: "test-provider",
    tokenUrl: new URL("https://auth.test/token"),
    policy: STEADY_POLICY,
    credentials: readCredentials("test-provider", options as never, { id: { variable: "TEST_ID" } }),
    identity: ({ id }) => [id],
    issue: async ({ clock }, { id }) => ({ value: `token-${id}`, lifetimeMs: HOUR, sentAt: instant(clock) }),
  });
  for (let call = 0; call < 4; call += 1) {
    await cache.getToken(source);
    clock.advance(2 * HOUR);
  }
  expect(await read("credentials.fetches")).toEqual({
    "test-provider first": 1,
    "test-provider unchanged": 1,
    "test-provider changed": 1,
    "test-provider failed": 1,
  });
});

describe("renewals that fail", () => {
  test("are counted by error, with the life that is left, until one succeeds", async () => {
    const { cache, clock, read } = startCache();
    const source = new TestTokenSource();
    await cache.getToken(source);
    source.answer = failing("ip_not_allowed", { retryable: false });
    clock.advance(55 * MINUTE);
    await cache.getToken(source);
    await settle();
    expect(await read("renewal.failing")).toEqual({ "test-provider ip_not_allowed": 1 });
    expect(await read("renewal.remaining_lifetime")).toEqual({ "test-provider ip_not_allowed": 5 * 60 });
    source.answer = () => ({});
    clock.advance(4 * MINUTE + SECOND);
    await cache.getToken(source).catch(() => {});
    await settle();
    expect(await read("renewal.failing")).toEqual({ "test-provider ip_not_allowed": 0 });
    expect(await read("renewal.remaining_lifetime")).toEqual({ "test-provider ip_not_allowed": Number.NaN });
  });

  test("end when no caller asks any more", async () => {
    const { cache, clock, read } = startCache();
    await cache.getToken(new TestTokenSource({ answer: failing("network") })).catch(() => {});
    expect(await read("renewal.remaining_lifetime")).toEqual({ "test-provider network": 0 });
    clock.advance(11 * MINUTE);
    expect(await read("renewal.failing")).toEqual({ "test-provider network": 0 });
  });
});

describe("surroundings", () => {
  test("the provider's clock", async () => {
    const { cache, clock, read } = startCache();
    const source = new TestTokenSource();
    const at = { wall: clock.wall(), monotonic: clock.monotonic() };
    cache.serverClock(source).learn({ serverTimeMs: at.wall - 120_500, sentAt: at, receivedAt: at });
    await cache.getToken(source);
    expect(await read("clock.offset")).toEqual({ "test-provider": -120 });
    await cache.close();
    expect(await read("clock.offset")).toEqual({ "test-provider": Number.NaN });
  });

  test("of several caches: the clock that is farthest off, the store that fails, the token that ends first", async () => {
    const { another, clock, read } = startCache();
    const at = { wall: clock.wall(), monotonic: clock.monotonic() };
    for (const [aheadMs, isFailing, minutes] of [
      [30_500, false, 60],
      [-120_500, true, 20],
      [60_500, false, 40],
    ] as const) {
      const working = memoryStore({ clock });
      const store = isFailing ? { ...working, getOrLease: () => Promise.reject(new Error("gone")) } : working;
      const source = new TestTokenSource({ answer: () => ({ lifetimeMs: minutes * MINUTE }) });
      const cache = another({ store });
      cache.serverClock(source).learn({ serverTimeMs: at.wall + aheadMs, sentAt: at, receivedAt: at });
      await cache.getToken(source);
    }
    expect(await read("clock.offset")).toEqual({ "test-provider": -120 });
    expect(await read("store.available")).toEqual({ "": 0 });
    expect(await read("token.remaining_lifetime")).toEqual({ "test-provider": 20 * 60 });
  });

  test("no store, if there is none", async () => {
    const { cache, read } = startCache();
    await cache.getToken(new TestTokenSource());
    expect(await read("store.available")).toEqual({});
  });

  test("the store, and why it failed: its own errors in a bounded number", async () => {
    const clock = new ManualClock();
    let name: string | undefined;
    const { getOrLease: _, ...working } = memoryStore({ clock });
    const store = {
      ...working,
      async get(key: string) {
        if (name !== undefined) throw Object.assign(new Error("secret"), { name });
        return working.get(key);
      },
    };
    const { cache, read } = startCache({ clock, store });
    await cache.getToken(new TestTokenSource());
    expect(await read("store.available")).toEqual({ "": 1 });
    for (let nth = 0; nth < 50; nth++) {
      name = `Error${nth}`;
      clock.advance(MINUTE);
      await cache.getToken(new TestTokenSource({ key: `test:${nth}` }));
    }
    expect(await read("store.available")).toEqual({ "": 0 });
    const failures = await read("store.failures");
    expect(Object.keys(failures)).toHaveLength(21);
    expect(failures).toMatchObject({ "get Error0": 1, "get _OTHER": 30 });
  });

  test("lanes: waits, refusals, warnings and closed ones", async () => {
    const { cache, clock, read, readSums } = startCache();
    const gateway = new Gateway(clock);
    const call = caller(cache, gateway);
    await passUntil(clock, Promise.all([call("/orders"), call("/orders"), call("/orders"), call("/orders")]));
    // For half a second, one, and one and a half.
    expect(await read("lane.wait.duration")).toEqual({ test: 3 });
    expect(await readSums("lane.wait.duration")).toEqual({ test: 3 });
    expect(await read("lane.warnings")).toEqual({});
    gateway.override = () => PENALTY.clone();
    await passUntil(clock, call("/orders"));
    expect(await read("lane.refusals")).toEqual({ "test 429": 1 });
    expect(await read("lane.warnings")).toEqual({ test: 1 });
    expect(await read("lane.closed")).toEqual({ test: 0 });
    gateway.override = () => new Response(null, { headers: { closed: "3600000" } });
    await passUntil(clock, call("/orders"));
    expect(await read("lane.closed")).toEqual({ test: 1 });
    clock.advance(HOUR);
    expect(await read("lane.closed")).toEqual({ test: 0 });
  });

  test("warnings begin at 0, so that the first one is an increase", async () => {
    const { cache, read } = startCache();
    await cache.getToken(new TestTokenSource());
    expect(await read("lane.warnings")).toEqual({ "test-provider": 0 });
  });
});

describe("time series", () => {
  test("do not grow with identities and routes", async () => {
    const { cache, collect } = startCache();
    const identities = Array.from({ length: 40 }, (_, nth) => new TestTokenSource({ key: `test:${nth}` }));
    const seriesAfter = async (sources: readonly TestTokenSource[]) => {
      for (const source of sources) {
        const { id } = await cache.getToken(source);
        await cache.getToken(source);
        await cache.invalidate(source, id);
        source.answer = failing("network");
        await cache.getToken(source).catch(() => {});
      }
      return (await collect()).length;
    };
    const first = await seriesAfter(identities.slice(0, 1));
    expect(first).toBeGreaterThan(8);
    expect(await seriesAfter(identities.slice(1))).toBe(first);
  });

  test("distinguish lanes if the option says so", async () => {
    const { cache, clock, read } = startCache({}, { perLane: true });
    const gateway = new Gateway(clock);
    const call = caller(cache, gateway);
    await passUntil(clock, Promise.all([call("/orders"), call("/orders"), call("/orders")]));
    gateway.override = () => PENALTY.clone();
    await passUntil(clock, call("/orders"));
    expect(Object.keys(await read("lane.wait.duration"))).toEqual(["test GET /orders"]);
    expect(await read("lane.refusals")).toEqual({ "test GET /orders 429": 1 });
    expect(await read("lane.warnings")).toEqual({ "test GET /orders": 1 });
  });

  test("distinguish identities if the option says so", async () => {
    const { cache, read } = startCache({}, { perIdentity: true });
    const identities = ["one", "two"].map((key) => new TestTokenSource({ key: `test:${key}` }));
    for (const source of identities) await cache.getToken(source);
    const byIdentity = { "test-provider test:one": 3600, "test-provider test:two": 3600 };
    expect(await read("token.remaining_lifetime")).toEqual(byIdentity);
    expect(Object.keys(await read("request.duration"))).toEqual(Object.keys(byIdentity));
  });
});

test("names, units and kinds follow the semantic conventions", () => {
  for (const { name, unit, kind, description } of Object.values(METRICS)) {
    expect(name).toMatch(/^token_cache(\.[a-z_]+)+$/);
    expect(unit).toMatch(/^(s|\{[a-z]+\})$/);
    expect(name.endsWith(".duration")).toBe(kind === "histogram");
    expect(description).toMatch(/\.$/);
    // Units belong to the unit, and exporters append them and `total`.
    expect(name).not.toMatch(/seconds|total|_ms/);
  }
});

test("the SDK is told each metric's unit and kind, and the buckets of durations in seconds", async () => {
  const { cache, described } = startCache();
  const source = new TestTokenSource();
  await cache.getToken(source);
  await cache.getToken(source);
  const metrics = await described();
  expect(metrics).toMatchObject({
    "token_cache.lookups": { unit: "{lookup}", type: DataPointType.SUM, isMonotonic: true },
    "token_cache.token.count": { unit: "{token}", type: DataPointType.SUM, isMonotonic: false },
    "token_cache.token.remaining_lifetime": { unit: "s", type: DataPointType.GAUGE },
    "token_cache.flight.duration": { unit: "s", type: DataPointType.HISTOGRAM },
  });
  expect(metrics["token_cache.lookups"]?.description).toBe(METRICS.lookups.description);
  const { boundaries = [] } = metrics["token_cache.flight.duration"] ?? {};
  expect([boundaries[0], boundaries.at(-1)]).toEqual([0.005, 10]);
});

/** An answer that refuses the call, tells a lower limit, and warns. */
const PENALTY = new Response(null, { status: 429, headers: { rate: "1", warning: "A penalty follows." } });

/** Calls of a gateway in a cache's lanes. */
function caller(cache: TokenCache, gateway: Gateway) {
  const owner = { provider: "test", group: "test:https://api.test:0123", rules };
  return (path: string) => {
    const url = new URL(path, "https://api.test");
    return cache.pacer.send({
      owner,
      method: "GET",
      url,
      identity: "seller",
      canResend: false,
      resendAnyMethod: false,
      signal: undefined,
      budget: { leftMs: 60_000 },
      send: async (answered) => answered(await gateway.call(url.href)),
    });
  };
}

function failingError(code: Parameters<typeof failing>[0]): unknown {
  try {
    return failing(code)(1, {} as never);
  } catch (error) {
    return error;
  }
}

/** Lets the waits between attempts pass. */
async function passing(clock: ManualClock): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await settle();
    if (turn % 5 === 4) clock.advance(SECOND);
  }
}

import { describe, expect, it, vi } from "vitest";
import type { TurnGrant } from "../../contract/lane-turns.ts";
import type { PacedCall } from "../../contract/rate-limits.ts";
import { TokenError } from "../../contract/token-error.ts";
import type { FoundToken, StoreChange, TokenOrLease, TokenStore } from "../../contract/token-store.ts";
import { ManualClock, memoryStore } from "../../testing/index.ts";
import { TokenCache } from "../token-cache.ts";
import { heldAnswer, MINUTE, pass, recorder, SECOND, settle, TestTokenSource } from "../token-source.test-support.ts";
import { StoreCircuitBreaker } from "./circuit-breaker.ts";
import { inOneStep } from "./token-store.test-support.ts";

/** A cache over a store that is broken in this way, and what it reports. */
function cacheOver(broken: Partial<TokenStore>, isOneStep = false) {
  const clock = new ManualClock();
  const seen = recorder();
  const inner = memoryStore({ clock });
  const store = { ...(isOneStep ? inOneStep(inner) : inner), ...broken };
  const cache = new TokenCache({ clock, store, observer: seen.observer });
  return { clock, cache, seen, failures: () => seen.ofType("store_failed") };
}

const throwing = (property: string, rest: object) =>
  Object.defineProperty({ ...rest }, property, {
    enumerable: true,
    get() {
      throw new Error("canary");
    },
  }) as unknown;

const token = { id: "0123456789abcdef", payload: "{}", remainingMs: MINUTE };

describe("case 43: a malformed answer of a store is a failure, and the work is bounded", () => {
  it.each<[string, unknown]>([
    ["null", null],
    ["text", "OK"],
    ["no id", { payload: "{}", remainingMs: MINUTE }],
    ["an empty id", { ...token, id: "" }],
    ["an id that is no text", { ...token, id: 7 }],
    ["no payload", { id: token.id, remainingMs: MINUTE }],
    ["a remaining life as text", { ...token, remainingMs: "60000" }],
    ["an id that cannot be read", throwing("id", token)],
    ["a payload that cannot be read", throwing("payload", token)],
  ])("of get: %s", async (_, answer) => {
    const { cache, failures } = cacheOver({ get: async () => answer as FoundToken });
    const source = new TestTokenSource();
    await cache.getToken(source);
    expect(failures()[0]).toMatchObject({ operation: "get", key: source.key });
    expect(JSON.stringify(failures())).not.toContain("canary");
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["text", "held"],
    ["a token without an id", { type: "token", token: { payload: "{}", remainingMs: MINUTE } }],
    ["a token that cannot be read", throwing("token", { type: "token" })],
    ["no token", { type: "token" }],
    ["a lease that is none", { type: "lease", lease: { release: async () => {} } }],
    ["a lease whose methods cannot be read", { type: "lease", lease: throwing("extend", { release: async () => {} }) }],
    ["an unknown type", { type: "found", token }],
  ])("of getOrLease: %s", async (_, answer) => {
    const { cache, failures } = cacheOver({ getOrLease: async () => answer as TokenOrLease }, true);
    const source = new TestTokenSource();
    await cache.getToken(source);
    expect(failures()).toMatchObject([{ operation: "getOrLease", key: source.key }]);
  });

  it("of getOrLease: another token forever", async () => {
    let asked = 0;
    const getOrLease = async (): Promise<TokenOrLease> => {
      asked += 1;
      return { type: "token", token: { ...token, id: asked.toString(16).padStart(16, "0") } };
    };
    const { cache } = cacheOver({ getOrLease }, true);
    expect((await cache.getToken(new TestTokenSource())).value).toBe("token-1");
    expect(asked).toBeLessThan(4);
  });

  it("of take: tokens are shared all the same", async () => {
    const take = async () => ({ count: 1, startsInMs: Number.NaN }) as TurnGrant;
    const { clock, cache, failures } = cacheOver({ take });
    const rules = { laneOf: () => ({ name: "lane", limit: { perSecond: 2 } }), refusal: () => undefined };
    const call: PacedCall = {
      owner: { provider: "test-provider", group: "group", rules },
      url: new URL("https://api.test/"),
      method: "GET",
      identity: "identity",
      canResend: true,
      resendAnyMethod: false,
      signal: undefined,
      budget: { leftMs: SECOND },
      send: async (answered) => answered(new Response()),
    };
    const answer = cache.pacer.send(call);
    await settle();
    expect(failures()).toEqual([expect.objectContaining({ operation: "take", reason: "TypeError" })]);
    expect(cache.inspect(new TestTokenSource()).store).toBe("working");
    await pass(clock, SECOND);
    expect((await answer).status).toBe(200);
  });

  it("reads each property once, so that a payload cannot change after its check", async () => {
    let reads = 0;
    const answer = Object.defineProperty({ ...token }, "payload", {
      enumerable: true,
      get() {
        reads += 1;
        return reads === 1 ? "{}" : throwing("canary", {});
      },
    });
    const { cache } = cacheOver({ get: async () => (reads === 0 ? answer : undefined) });
    await cache.getToken(new TestTokenSource());
    expect(reads).toBe(1);
  });

  it("a malformed notice is ignored, and the others are received", async () => {
    let tell: (change: StoreChange) => void = () => {};
    const { cache, seen } = cacheOver({
      changed: (listener) => {
        tell = listener;
        return () => {};
      },
    });
    const source = new TestTokenSource();
    const { id } = await cache.getToken(source);
    for (const notice of [null, undefined, "key", {}, { key: 1 }]) tell(notice as never);
    tell({ key: source.key, refusedTokenId: id });
    expect(seen.types()).toContain("refused");
  });

  it("a store that throws when the cache begins to listen is reported, and used without notices", async () => {
    const changed = () => {
      throw new RangeError("No connection.");
    };
    const { cache, failures } = cacheOver({ changed });
    expect(failures()).toMatchObject([{ operation: "listen", key: "", reason: "RangeError" }]);
    expect((await cache.getToken(new TestTokenSource())).value).toBe("token-1");
    await cache.close();
  });

  it("a store that throws when the cache stops listening does not keep it from closing", async () => {
    const stop = () => {
      throw new Error("The connection is closed.");
    };
    const { cache } = cacheOver({ changed: () => stop });
    await cache.close();
  });
});

describe("a store that hangs", () => {
  it("is given up after the time limit, and reported as a timeout", async () => {
    const { clock, cache, failures } = cacheOver({ get: () => new Promise(() => {}) });
    const call = cache.getToken(new TestTokenSource());
    await pass(clock, SECOND, 50);
    expect((await call).value).toBe("token-1");
    expect(failures()[0]).toMatchObject({ operation: "get", reason: "timeout" });
  });

  it("does not delay the closing of the cache", async () => {
    const { cache } = cacheOver({ get: () => new Promise(() => {}) });
    const call = cache.getToken(new TestTokenSource());
    await settle();
    await cache.close();
    await expect(call).rejects.toMatchObject({ code: "closed" });
  });
});

describe("case 37: failures that happen together", () => {
  it("count once: after a hiccup with many identities the pause is short", async () => {
    let isDown = true;
    let asked = 0;
    const clock = new ManualClock();
    const inner = memoryStore({ clock });
    const get = async (key: string) => {
      asked += 1;
      return isDown ? new Promise<never>(() => {}) : inner.get(key);
    };
    const cache = new TokenCache({ clock, store: { ...inner, get } });
    const sources = Array.from({ length: 8 }, (_, index) => new TestTokenSource({ key: `identity ${index}` }));
    const tokens = sources.map((source) => cache.getToken(source));
    await pass(clock, SECOND, 50);
    await Promise.all(tokens);
    isDown = false;
    const askedBefore = asked;
    clock.advance(1.5 * SECOND);
    await cache.getToken(new TestTokenSource({ key: "one more" }));
    expect(asked).toBeGreaterThan(askedBefore);
  });

  it("count once, also those of releases, which are tried during the pause", async () => {
    const clock = new ManualClock();
    const inner = memoryStore({ clock });
    const fail = async () => {
      throw new Error("Down.");
    };
    let asked = 0;
    const get = async (key: string) => {
      asked += 1;
      return inner.get(key);
    };
    const lease = async () => ({ extend: async () => true, release: fail });
    const cache = new TokenCache({ clock, store: { ...inner, get, lease, set: fail } });
    const answers = Array.from({ length: 6 }, heldAnswer);
    const tokens = answers.map(({ answer }, index) =>
      cache.getToken(new TestTokenSource({ key: `identity ${index}`, answer })),
    );
    await settle();
    for (const held of answers) {
      held.release();
      await settle();
    }
    await Promise.all(tokens);
    const askedBefore = asked;
    clock.advance(1.5 * SECOND);
    await cache.getToken(new TestTokenSource({ key: "one more" }));
    expect(asked).toBeGreaterThan(askedBefore);
  });

  it("count one by one if they come one after the other: the pause grows while the store is down", async () => {
    const clock = new ManualClock();
    let asked = 0;
    const get = async () => {
      asked += 1;
      throw new Error("Down.");
    };
    const cache = new TokenCache({ clock, store: { ...memoryStore({ clock }), get } });
    for (let second = 0; second < 60; second += 1) {
      await cache.getToken(new TestTokenSource({ key: `identity ${second}` }));
      await pass(clock, SECOND, SECOND);
    }
    expect(asked).toBeGreaterThan(3);
    expect(asked).toBeLessThan(15);
  });

  it("are forgotten after a minute: a hiccup an hour after an outage costs a short pause", async () => {
    const clock = new ManualClock();
    let isDown = true;
    let asked = 0;
    const inner = memoryStore({ clock });
    const get = async (key: string) => {
      asked += 1;
      if (isDown) throw new Error("Down.");
      return inner.get(key);
    };
    const cache = new TokenCache({ clock, store: { ...inner, get } });
    for (let minute = 0; minute < 8; minute += 1) {
      await cache.getToken(new TestTokenSource({ key: `identity ${minute}` }));
      await pass(clock, 31 * SECOND, SECOND);
    }
    clock.advance(60 * MINUTE);
    // Two calls that fail together: the second began before the first one failed.
    await Promise.all(["one", "two"].map((key) => cache.getToken(new TestTokenSource({ key }))));
    isDown = false;
    const askedBefore = asked;
    clock.advance(1.5 * SECOND);
    await cache.getToken(new TestTokenSource({ key: "one more" }));
    expect(asked).toBeGreaterThan(askedBefore);
  });
});

describe("case 67: the store of a lane is back after an outage", () => {
  it("is found within a second, though its pause is longer, by one request a second", async () => {
    const clock = new ManualClock();
    let asked = 0;
    let isDown = true;
    const take = async (): Promise<TurnGrant> => {
      asked++;
      if (isDown) throw new Error("down");
      return { count: 1, startsInMs: 0, lastTurn: 1, processes: 1, closedForMs: 0 };
    };
    const breaker = new StoreCircuitBreaker({ ...memoryStore({ clock }), take }, clock, 250, () => {});
    const request = { count: 1, intervalMs: 500, burst: 1, horizonMs: 0, processId: "p" };
    for (let passed = 0; passed < MINUTE; passed += 100) {
      expect(await breaker.take("group", "lane", request)).toBeUndefined();
      clock.advance(100);
    }
    expect(asked).toBeLessThan(70);
    isDown = false;
    clock.advance(SECOND);
    expect(await breaker.take("group", "lane", request)).toBeUndefined();
    await settle();
    expect(await breaker.take("group", "lane", request)).toBeDefined();
  });

  it("holds up no turn while it is looked for, though it hangs", async () => {
    const clock = new ManualClock();
    let failures = 0;
    const take = vi.fn(() => (++failures <= 6 ? Promise.reject(new Error("down")) : new Promise<never>(() => {})));
    const breaker = new StoreCircuitBreaker({ ...memoryStore({ clock }), take }, clock, 250, () => {});
    const request = { count: 1, intervalMs: 500, burst: 1, horizonMs: 0, processId: "p" };
    while (failures < 6) {
      clock.advance(30 * SECOND);
      expect(await breaker.take("group", "lane", request)).toBeUndefined();
    }
    for (let seconds = 1; seconds <= 5; seconds++) {
      clock.advance(SECOND);
      expect(await breaker.take("group", "lane", request)).toBeUndefined();
      expect(take).toHaveBeenCalledTimes(6 + seconds);
    }
  });
});

describe("case 55: a store that cannot work as it is set up", () => {
  const message = "The SQLite file /no/such/folder/tokens.db cannot be opened.";
  const get = async () => {
    throw new TokenError("invalid_options", { message });
  };

  it("causes one warning, with the cause", async () => {
    const emitWarning = vi.spyOn(process, "emitWarning").mockReturnValue();
    const { clock, cache, failures } = cacheOver({ get });
    for (let minute = 0; minute < 3; minute += 1) {
      await cache.getToken(new TestTokenSource({ key: `identity ${minute}` }));
      clock.advance(MINUTE);
    }
    expect(failures()).toHaveLength(3);
    expect(failures()[0]).toMatchObject({ operation: "get", reason: "invalid_options" });
    expect(emitWarning.mock.calls).toEqual([[expect.stringContaining(message), { type: "TokenStoreWarning" }]]);
  });

  it("causes a warning on the console if there are no process warnings", async () => {
    vi.stubGlobal("process", undefined);
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    await cacheOver({ get }).cache.getToken(new TestTokenSource());
    expect(warn.mock.calls).toEqual([[expect.stringContaining(message)]]);
  });

  it("causes no warning if the store names another code", async () => {
    const emitWarning = vi.spyOn(process, "emitWarning").mockReturnValue();
    const { cache, failures } = cacheOver({ get: async () => Promise.reject(new TokenError("network", { message })) });
    await cache.getToken(new TestTokenSource());
    expect(failures()[0]).toMatchObject({ reason: "network" });
    expect(emitWarning).not.toHaveBeenCalled();
  });

  it("is not a store that fails for a while: its error may hold anything, and causes no warning", async () => {
    const emitWarning = vi.spyOn(process, "emitWarning").mockReturnValue();
    const { cache, failures } = cacheOver({ get: async () => Promise.reject(new RangeError("canary")) });
    await cache.getToken(new TestTokenSource());
    await settle();
    expect(failures()[0]).toMatchObject({ reason: "RangeError" });
    expect(emitWarning).not.toHaveBeenCalled();
  });
});

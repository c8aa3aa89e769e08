import { describe, expect, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import { failureOf, recorder, TestTokenSource } from "../cache/token-source.test-support.ts";
import { checkAuthOptions, createTokenAuth, type TokenAuthOptions } from "./token-auth.ts";

describe("one identity's tokens", () => {
  test("can be requested, read and dropped", async () => {
    const auth = createTokenAuth(new TestTokenSource(), {});
    expect(auth.peek()).toBeUndefined();
    const token = await auth.getToken();
    expect(auth.peek()).toBe(token);
    expect((await auth.getToken({ forceRefresh: true })).value).toBe("token-2");
    await auth.invalidate(token.id);
    expect(auth.peek()?.value).toBe("token-2");
    await auth.invalidate(auth.peek()?.id ?? "");
    expect(auth.peek()).toBeUndefined();
  });

  test("are reported to the observer", async () => {
    const { types, observer } = recorder();
    const auth = createTokenAuth(new TestTokenSource(), { observer });
    await auth.getToken();
    expect(types()).toEqual(["flight_started", "issued"]);
  });

  test("end with their own cache", async () => {
    const auth = createTokenAuth(new TestTokenSource(), {});
    await auth.close();
    expect((await failureOf(auth.getToken())).code).toBe("closed");
  });

  test("do not close a cache from the options", async () => {
    const cache = new TokenCache();
    const source = new TestTokenSource();
    {
      await using auth = createTokenAuth(source, { cache });
      expect(auth.cache).toBe(cache);
      await auth.getToken();
    }
    expect((await cache.getToken(source)).value).toBe("token-1");
  });

  test("case 30: are the same token for two clients with one cache and key", async () => {
    const cache = new TokenCache();
    const [one, other] = [new TestTokenSource(), new TestTokenSource()];
    const tokens = [createTokenAuth(one, { cache }), createTokenAuth(other, { cache })].map((auth) => auth.getToken());
    const [first, second] = await Promise.all(tokens);
    expect(first).toBe(second);
    expect(one.issues + other.issues).toBe(1);
  });
});

describe("options are refused, and named, if", () => {
  test.each<[string, unknown]>([
    ["options", null],
    ["options", "clientId"],
    ["fetch", { fetch: "https://proxy.test" }],
    ["observer", { observer: {} }],
    ["cache", { cache: {} }],
    ["observer", { cache: new TokenCache(), observer: () => {} }],
    ["timeoutMs", { timeoutMs: 0 }],
    ["timeoutMs", { timeoutMs: -1 }],
    ["timeoutMs", { timeoutMs: "5000" }],
    ["timeoutMs", { timeoutMs: Number.NaN }],
    ["timeoutMs", { timeoutMs: Number.POSITIVE_INFINITY }],
  ])("%s are wrong: %o", (name, options) => {
    const check = () => checkAuthOptions("p", options as TokenAuthOptions);
    expect(check).toThrow(expect.objectContaining({ code: "invalid_options", provider: "p" }));
    expect(check).toThrow(name);
  });

  test("and have defaults: five seconds, and the platform's fetch", async () => {
    expect(checkAuthOptions("p", {})).toMatchObject({ timeoutMs: 5_000, fetch: undefined });
  });

  test.each([
    [{ rateLimit: true }, "option rateLimit must be false or an object"],
    [{ rateLimit: null }, "option rateLimit must be false or an object"],
    [{ rateLimit: { maxWaitMs: -1 } }, "rateLimit.maxWaitMs must be"],
    [{ rateLimit: { maxWaitMs: Number.NaN } }, "rateLimit.maxWaitMs must be"],
    [{ rateLimit: { maxWaitMs: "5" } }, "rateLimit.maxWaitMs must be"],
    [{ rateLimit: { maxWaitMs: Number.POSITIVE_INFINITY } }, "rateLimit.maxWaitMs must be"],
    [{ rateLimit: { resendAnyMethod: 1 } }, "rateLimit.resendAnyMethod must be"],
  ])("the rate limit is %o", (options, message) => {
    expect(() => checkAuthOptions("p", options as TokenAuthOptions)).toThrow(message);
  });

  test("a rate limit is accepted, or off", () => {
    expect(checkAuthOptions("p", { rateLimit: { maxWaitMs: 0 } }).rateLimit).toEqual({
      maxWaitMs: 0,
      resendAnyMethod: false,
    });
    expect(checkAuthOptions("p", { rateLimit: false }).rateLimit).toBe(false);
  });

  test.each([
    ["a cache", { cache: new TokenCache() }],
    ["an observer", { observer: () => {} }],
    ["a fetch", { fetch: globalThis.fetch }],
    ["a wait of up to a day", { rateLimit: { maxWaitMs: 24 * 60 * 60 * 1_000, resendAnyMethod: false } }],
  ])("%s alone is accepted", (_, options) => {
    expect(checkAuthOptions("p", options)).toMatchObject(options);
  });

  test("case 46: each is read once, from the options themselves", () => {
    const reads: string[] = [];
    const options: TokenAuthOptions = {
      get timeoutMs() {
        reads.push("timeoutMs");
        return 1_000 * reads.length;
      },
    };
    const polluted = {
      clientId: "polluted",
      maxWaitMs: 1,
      rateLimit: false,
      cache: {},
      fetch: () => {},
      observer: () => {},
    };
    Object.assign(Object.prototype, polluted);
    try {
      const rateLimit = { maxWaitMs: 10_000, resendAnyMethod: false };
      const none = { cache: undefined, fetch: undefined, observer: undefined, rateLimit };
      const checked = Object.assign({}, checkAuthOptions("p", options));
      expect(checked).toStrictEqual({ timeoutMs: 1_000, ...none });
      expect(createTokenAuth(new TestTokenSource(), {}).cache).toBeInstanceOf(TokenCache);
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
    expect(reads).toEqual(["timeoutMs"]);
  });
});

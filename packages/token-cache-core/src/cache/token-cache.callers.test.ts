import { describe, expect, test, vi } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import { failureOf, heldAnswer, MINUTE, NEVER, pass, settle, TestTokenSource } from "./token-source.test-support.ts";

/** Five callers who wait for one flight, each able to abort. */
function fiveCallers() {
  const { answer, release } = heldAnswer();
  const source = new TestTokenSource({ answer });
  const cache = new TokenCache({ clock: new ManualClock() });
  const stops = Array.from({ length: 5 }, () => new AbortController());
  const calls = stops.map(({ signal }) => cache.getToken(source, { signal }).then(({ value }) => value, String));
  const abort = (nth: number) => stops[nth]?.abort(`abort of ${nth}`);
  return { cache, source, release, calls, abort };
}

describe("case 7: a caller who aborts", () => {
  test.each([
    ["the first", [0]],
    ["a middle one", [2]],
    ["the last", [4]],
    ["two", [1, 3]],
    ["all", [0, 1, 2, 3, 4]],
  ])("sees its own reason, and no other caller does: %s", async (_, aborted) => {
    const { cache, source, release, calls, abort } = fiveCallers();
    await settle();
    for (const nth of aborted) abort(nth);
    release();
    const expected = [0, 1, 2, 3, 4].map((nth) => (aborted.includes(nth) ? `abort of ${nth}` : "token-1"));
    expect(await Promise.all(calls)).toEqual(expected);
    await settle();
    // The flight belongs to no caller: it continues, and its token is kept.
    expect(cache.peek(source)?.value).toBe("token-1");
    expect(source.issues).toBe(1);
  });

  test("does not abort the request", async () => {
    let signal: AbortSignal | undefined;
    const source = new TestTokenSource({
      answer: (nth, context) => {
        signal = context.signal;
        return NEVER(nth, context);
      },
    });
    const stop = new AbortController();
    const call = new TokenCache({ clock: new ManualClock() }).getToken(source, { signal: stop.signal });
    stop.abort(new Error("mine"));
    await expect(call).rejects.toThrow("mine");
    expect(signal?.aborted).toBe(false);
  });

  test("before the call gets its reason and starts nothing, though the token may be fresh", async () => {
    const cache = new TokenCache();
    const source = new TestTokenSource();
    const signal = AbortSignal.abort(new Error("already"));
    await expect(cache.getToken(source, { signal })).rejects.toThrow("already");
    expect(source.issues).toBe(0);
    await cache.getToken(source);
    await expect(cache.getToken(source, { signal })).rejects.toThrow("already");
  });

  test("leaves no listener on its signal", async () => {
    const stop = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = stop.signal;
    stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(stop.signal, args);
    };
    stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(stop.signal, args);
    };
    const { answer, release } = heldAnswer();
    const cache = new TokenCache();
    const source = new TestTokenSource({ answer });
    const calls = Array.from({ length: 20 }, () => cache.getToken(source, { signal: stop.signal }));
    expect(listeners).toBe(20);
    release();
    await Promise.all(calls);
    await settle();
    expect(listeners).toBe(0);
  });
});

test.each([
  ["Cloudflare Workers", { navigator: { userAgent: "Cloudflare-Workers" } }, 2],
  ["the edge runtime of Next.js", { EdgeRuntime: "edge-runtime" }, 2],
  ["Node", {}, 1],
])("case 27: two requests in %s make what they need", async (_where, globals, issues) => {
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  const source = new TestTokenSource();
  const cache = new TokenCache();
  await Promise.all([cache.getToken(source), cache.getToken(source)]);
  expect(source.issues).toBe(issues);
});

describe("case 7: a caller who aborts its own refresh, where no flight is shared", () => {
  async function staleCache() {
    const clock = new ManualClock();
    const { answer, fail } = heldAnswer();
    const source = new TestTokenSource();
    const cache = new TokenCache({ clock, sharedFlights: false });
    const { value } = await cache.getToken(source);
    source.answer = answer;
    clock.advance(51 * MINUTE);
    return { cache, source, value, fail };
  }

  test("gets its own reason, though the token in memory is usable", async () => {
    const { cache, source } = await staleCache();
    const stop = new AbortController();
    const call = cache.getToken(source, { signal: stop.signal });
    await settle();
    stop.abort("no longer wanted");
    await expect(call).rejects.toBe("no longer wanted");
  });

  test("gets the usable token if the refresh fails and nobody aborts", async () => {
    const { cache, source, value, fail } = await staleCache();
    const call = cache.getToken(source, { signal: new AbortController().signal });
    await settle();
    fail(new TypeError("a bug in the source"));
    expect((await call).value).toBe(value);
  });
});

describe("closing a cache", () => {
  test("ends all flights: waiting callers get an error, and the source is aborted", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    let signal: AbortSignal | undefined;
    const answer: TestTokenSource["answer"] = (nth, context) => {
      signal = context.signal;
      return NEVER(nth, context);
    };
    const sources = ["a", "b", "c"].map((key) => new TestTokenSource({ key, answer }));
    const calls = sources.map((source) => failureOf(cache.getToken(source)));
    await settle();
    await cache.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["closed", "closed", "closed"]);
    expect(signal?.reason).toMatchObject({ code: "closed" });
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  test("ends a flight that waits between two attempts, and leaves no timer behind", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    const answer = () => Promise.reject(new TokenError("network", { message: "No answer." }));
    const call = failureOf(cache.getToken(new TestTokenSource({ answer })));
    await settle();
    await cache.close();
    expect((await call).code).toBe("closed");
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  test("ends a flight that has failed, and those that wait in line", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, maxConcurrentIssues: 1 });
    const failingSource = new TestTokenSource({ key: "a", answer: () => Promise.reject(new Error("x")) });
    const inLine = new TestTokenSource({ key: "b" });
    const calls = [failureOf(cache.getToken(failingSource)), failureOf(cache.getToken(inLine))];
    await cache.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["closed", "closed"]);
    await pass(clock, MINUTE);
    expect(inLine.issues).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("forgets all tokens, and answers every later call with the same error", async () => {
    const cache = new TokenCache();
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    await cache.getToken(source);
    await cache.close();
    await cache.close();
    expect(cache.peek(source)).toBeUndefined();
    for (const options of [undefined, {}, { forceRefresh: true }, { refusedTokenId: token.id }]) {
      expect((await failureOf(cache.getToken(source, options))).code).toBe("closed");
    }
    await cache.invalidate(source, token.id);
    expect(source.issues).toBe(1);
  });

  test("keeps no token that arrives at the moment of closing", async () => {
    const cache = new TokenCache();
    const { answer, release } = heldAnswer();
    const source = new TestTokenSource({ answer });
    const call = failureOf(cache.getToken(source));
    await settle();
    release();
    // A few turns of the event loop pass before an arrived token is kept. Close in each of them.
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    await cache.close();
    expect((await call).code).toBe("closed");
    await settle();
    expect(cache.peek(source)).toBeUndefined();
  });

  test("happens at the end of an `await using` block", async () => {
    const source = new TestTokenSource();
    let kept: TokenCache;
    {
      await using cache = new TokenCache();
      kept = cache;
      await cache.getToken(source);
    }
    expect((await failureOf(kept.getToken(source))).code).toBe("closed");
  });
});

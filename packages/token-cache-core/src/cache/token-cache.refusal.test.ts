import { describe, expect, test } from "vitest";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  failing,
  failureOf,
  heldAnswer,
  MINUTE,
  pass,
  recorder,
  SECOND,
  STEADY_POLICY,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

/** A cache that holds a token of this age, and a function that reports a refusal. */
async function refusable(ageMs = MINUTE, policy = STEADY_POLICY) {
  const clock = new ManualClock();
  const seen = recorder();
  const cache = new TokenCache({ clock, observer: seen.observer });
  const source = new TestTokenSource({ policy });
  const token = await cache.getToken(source);
  clock.advance(ageMs);
  const get = () => cache.getToken(source);
  const refuse = (id = token.id, signal?: AbortSignal) => cache.getToken(source, { refusedTokenId: id, signal });
  const sendSame = () => {
    source.answer = () => ({ value: "token-1" });
  };
  return { clock, cache, source, token, seen, get, refuse, sendSame };
}

describe("a refused token", () => {
  test("case 9: is dropped long before its expiry, and replaced", async () => {
    const { refuse, get, source, token, seen } = await refusable();
    const next = await refuse();
    expect(next.value).toBe("token-2");
    expect(await get()).toBe(next);
    expect(source.issues).toBe(2);
    expect(seen.ofType("refused")).toEqual([expect.objectContaining({ tokenId: token.id })]);
  });

  test("case 8: fifty refusals over five seconds cost one request, and late ones do not drop the new token", async () => {
    const { clock, refuse, source } = await refusable();
    const { answer, release } = heldAnswer();
    source.answer = answer;
    const calls: Promise<{ value: string }>[] = [];
    for (let call = 0; call < 50; call++) {
      calls.push(refuse());
      await pass(clock, 100, 100);
      if (call === 20) release();
    }
    expect(new Set((await Promise.all(calls)).map(({ value }) => value))).toEqual(new Set(["token-2"]));
    expect(source.issues).toBe(2);
    expect((await refuse()).value).toBe("token-2");
    expect(source.issues).toBe(2);
  });

  test("is replaced also if memory does not hold it any more", async () => {
    const { clock, cache, source, refuse, token } = await refusable();
    await cache.invalidate(source, token.id);
    expect((await refuse()).value).toBe("token-2");
    clock.advance(2 * 60 * MINUTE);
    expect((await refuse()).value).toBe("token-3");
    expect(source.issues).toBe(3);
  });

  test("is an error for all its callers, and no loop, if the provider has no other one", async () => {
    const { refuse, get, source, token, sendSame, seen } = await refusable();
    sendSame();
    const errors = await Promise.all([failureOf(refuse()), failureOf(refuse()), failureOf(refuse())]);
    expect(errors.map(({ code, retryable }) => ({ code, retryable }))).toEqual(
      Array(3).fill({ code: "token_refused", retryable: false }),
    );
    expect(errors[0]?.provider).toBe("test-provider");
    expect(source.issues).toBe(2);
    expect(seen.types()).toContain("unchanged");
    expect((await get()).id).toBe(token.id);
  });

  test("is requested again after a minute and no sooner, if the provider had no other one", async () => {
    const { clock, refuse, get, source, sendSame, token } = await refusable();
    sendSame();
    for (let call = 0; call < 600; call++) {
      expect((await failureOf(refuse())).code).toBe("token_refused");
      expect((await get()).id).toBe(token.id);
      clock.advance(100);
    }
    expect(source.issues).toBe(2);
    expect((await failureOf(refuse())).code).toBe("token_refused");
    expect(source.issues).toBe(3);
    clock.advance(MINUTE);
    source.answer = () => ({});
    expect((await refuse()).value).toBe("token-4");
  });

  test("keeps its expiry when it comes back, so that a refusal does not make it live longer", async () => {
    const { refuse, get, token, sendSame } = await refusable(30 * MINUTE);
    sendSame();
    await failureOf(refuse());
    expect((await get()).expiresAt).toBe(token.expiresAt);
  });

  test("is waited out once, and not dropped, while it is so young that the API may not know it", async () => {
    const policy = { ...STEADY_POLICY, propagationMs: 2 * SECOND };
    const { clock, refuse, source, token } = await refusable(500, policy);
    const call = refuse();
    let done = false;
    void call.then(() => {
      done = true;
    });
    await pass(clock, 1_499);
    expect(done).toBe(false);
    await pass(clock, 1);
    expect(await call).toBe(token);
    expect(source.issues).toBe(1);
    expect((await refuse()).value).toBe("token-2");
  });

  test("case 26: a caller that waits for a young token can abort, and leaves no timer behind", async () => {
    const { clock, refuse, token } = await refusable(0, { ...STEADY_POLICY, propagationMs: MINUTE });
    const stop = new AbortController();
    const call = refuse(token.id, stop.signal);
    stop.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  test("case 26: a caller that waits for a young token gets the newest one at the end", async () => {
    const { clock, cache, source, refuse } = await refusable(0, { ...STEADY_POLICY, propagationMs: 5 * SECOND });
    const call = refuse();
    await cache.getToken(source, { forceRefresh: true });
    clock.advance(5 * SECOND);
    expect((await call).value).toBe("token-2");
  });

  test("case 26: a caller that waits for a young token gets an error at once when the cache is closed", async () => {
    const { cache, clock, refuse } = await refusable(0, { ...STEADY_POLICY, propagationMs: 5 * SECOND });
    const call = failureOf(refuse());
    await cache.close();
    await settle();
    expect(clock.pendingTimers).toBe(0);
    expect((await call).code).toBe("closed");
  });

  test("is an error if there is no other one, and is not served meanwhile", async () => {
    const { source, refuse, get } = await refusable();
    source.answer = failing("invalid_credentials");
    expect((await failureOf(refuse())).code).toBe("invalid_credentials");
    expect((await failureOf(get())).code).toBe("invalid_credentials");
    expect(source.issues).toBe(2);
  });
});

describe("a token refused while an earlier renewal runs", () => {
  async function refusedDuringRenewal() {
    const all = await refusable(50 * MINUTE);
    const { answer, release, fail } = heldAnswer();
    all.source.answer = answer;
    await all.get();
    const refused = Array.from({ length: 50 }, () => all.refuse());
    await settle();
    expect(all.source.issues).toBe(2);
    return { ...all, refused, release, fail };
  }

  test("is replaced by the renewal's token, if it is another one", async () => {
    const { refused, release, source } = await refusedDuringRenewal();
    release();
    const tokens = await Promise.all(refused);
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(["token-2"]));
    expect(source.issues).toBe(2);
  });

  test("is requested once more, if the renewal brings it again", async () => {
    const { refused, release, source } = await refusedDuringRenewal();
    source.answer = () => ({});
    release({ value: "token-1" });
    const tokens = await Promise.all(refused);
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(["token-3"]));
    expect(source.issues).toBe(3);
  });

  test("is token_refused, without a loop, if it comes again and again", async () => {
    const { refused, release, source, sendSame } = await refusedDuringRenewal();
    sendSame();
    release({ value: "token-1" });
    const errors = await Promise.all(refused.map(failureOf));
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["token_refused"]));
    expect(source.issues).toBe(3);
  });

  test("is the renewal's error, if that fails", async () => {
    const { clock, refused, fail, source } = await refusedDuringRenewal();
    source.answer = failing("invalid_credentials");
    const failures = Promise.all(refused.map(failureOf));
    fail(new Error("cut"));
    await pass(clock, SECOND);
    const errors = await failures;
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["invalid_response"]));
    expect(source.issues).toBe(2);
  });

  test("lets a caller stop waiting", async () => {
    const { refuse, token, release } = await refusedDuringRenewal();
    const call = refuse(token.id, AbortSignal.abort(new Error("before")));
    await expect(call).rejects.toThrow("before");
    const stop = new AbortController();
    const other = refuse(token.id, stop.signal);
    stop.abort(new Error("enough"));
    await expect(other).rejects.toThrow("enough");
    release();
  });
});

import { describe, expect, test } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import type { CredentialsOutcome } from "../contract/token-source.ts";
import { ManualClock } from "../testing/index.ts";
import { FetchedCredentials } from "./fetched-credentials.ts";

interface Secret {
  readonly secret: string;
}

const refusedWith = () => new TokenError("invalid_credentials", { message: "The test's refusal." });
const failed = () => Promise.reject(new TokenError("credentials_unavailable", { message: "The test's failure." }));

/** Credentials whose fetches the test counts and answers. */
function asked({ ttlMs = 60_000, sharedFlights = true } = {}) {
  const clock = new ManualClock();
  const outcomes: CredentialsOutcome[] = [];
  const state = { fetches: 0, answer: (): Promise<Secret> => Promise.resolve({ secret: "a" }) };
  const credentials = new FetchedCredentials<Secret>({
    provider: "p",
    ttlMs,
    timeoutMs: 5_000,
    ask: () => {
      state.fetches += 1;
      return state.answer();
    },
  });
  const resolve = async (refusal?: TokenError) => {
    const report = (outcome: CredentialsOutcome) => void outcomes.push(outcome);
    return (await credentials.resolve({ clock, sharedFlights, refusal, report })).secret;
  };
  return { clock, outcomes, state, credentials, resolve };
}

/** An answer that waits until the test gives it. */
const held = () => Promise.withResolvers<Secret>();

describe("fetched credentials", () => {
  test("are used until their time to live is over, and are the same object while they do not change", async () => {
    const { clock, outcomes, state, credentials, resolve } = asked();
    await resolve();
    const first = credentials.known;
    clock.advance(59_999);
    await resolve();
    expect(state.fetches).toBe(1);
    clock.advance(1);
    await resolve();
    expect(credentials.known).toBe(first);
    state.answer = () => Promise.resolve({ secret: "b" });
    clock.advance(60_000);
    expect(await resolve()).toBe("b");
    expect(outcomes).toEqual(["first", "unchanged", "changed"]);
  });

  test("are fetched once for all callers of the same moment, also with a time to live of 0", async () => {
    const { state, resolve } = asked({ ttlMs: 0 });
    expect(new Set(await Promise.all(Array.from({ length: 100 }, () => resolve())))).toEqual(new Set(["a"]));
    expect(state.fetches).toBe(1);
    await resolve();
    expect(state.fetches).toBe(2);
  });

  test("are fetched by each caller without shared flights, and an older answer does not replace a newer one", async () => {
    const { clock, state, credentials, resolve } = asked({ sharedFlights: false });
    const [older, newer] = [held(), held()];
    state.answer = () => older.promise;
    const first = resolve();
    clock.advance(10);
    state.answer = () => newer.promise;
    const second = resolve();
    newer.resolve({ secret: "new" });
    expect(await second).toBe("new");
    older.resolve({ secret: "old" });
    expect(await first).toBe("new");
    expect([state.fetches, credentials.known.secret]).toEqual([2, "new"]);
  });

  test("stay in use when a fetch fails, with backoff before the next", async () => {
    const { clock, outcomes, state, credentials, resolve } = asked();
    await resolve();
    state.answer = failed;
    clock.advance(60_000);
    for (let call = 0; call < 1_000; call++) {
      expect(await resolve()).toBe("a");
      clock.advance(60);
    }
    expect(state.fetches).toBeGreaterThan(3);
    expect(state.fetches).toBeLessThan(12);
    expect(credentials.lastError?.code).toBe("credentials_unavailable");
    state.answer = () => Promise.resolve({ secret: "b" });
    clock.advance(30_000);
    expect(await resolve()).toBe("b");
    expect(credentials.lastError).toBeUndefined();
    expect(outcomes.at(-1)).toBe("changed");
  });

  test("are an error while there are none, the same one during the backoff", async () => {
    const { clock, state, resolve } = asked();
    state.answer = failed;
    const first = await resolve().catch((error: unknown) => error);
    expect(await resolve().catch((error: unknown) => error)).toBe(first);
    expect(state.fetches).toBe(1);
    clock.advance(1_000);
    await expect(resolve()).rejects.not.toBe(first);
    expect(state.fetches).toBe(2);
  });
});

describe("case 70: refused credentials", () => {
  test("are fetched once more at once, whatever their age, for all callers of the same refusal", async () => {
    const { state, resolve } = asked();
    await resolve();
    state.answer = () => Promise.resolve({ secret: "b" });
    const refusal = refusedWith();
    expect(new Set(await Promise.all(Array.from({ length: 50 }, () => resolve(refusal))))).toEqual(new Set(["b"]));
    expect(state.fetches).toBe(2);
  });

  test("wait for a running fetch, and are fetched again if it began before the refusal and changed nothing", async () => {
    const { clock, state, resolve } = asked();
    await resolve();
    clock.advance(60_000);
    const running = held();
    state.answer = () => running.promise;
    const before = resolve();
    const after = [resolve(refusedWith()), resolve()];
    state.answer = () => Promise.resolve({ secret: "b" });
    running.resolve({ secret: "a" });
    expect([await before, ...(await Promise.all(after))]).toEqual(["a", "b", "b"]);
    expect(state.fetches).toBe(3);
  });

  test("are fetched again soon while they do not change: 1 s at first, then 5 s at most", async () => {
    const { clock, state, resolve } = asked();
    await resolve();
    const refusal = refusedWith();
    for (let call = 0; call < 600; call++) {
      await resolve(refusal);
      clock.advance(100);
    }
    expect(state.fetches).toBeGreaterThanOrEqual(12);
    expect(state.fetches).toBeLessThan(30);
    state.answer = () => Promise.resolve({ secret: "b" });
    clock.advance(5_000);
    expect(await resolve(refusal)).toBe("b");
  });

  test("that come and go cause no storm", async () => {
    const { clock, state, resolve } = asked();
    let secret = "a";
    state.answer = () => {
      secret = secret === "a" ? "b" : "a";
      return Promise.resolve({ secret });
    };
    for (let call = 0; call < 600; call++) {
      await resolve(refusedWith());
      clock.advance(100);
    }
    expect(state.fetches).toBeLessThan(30);
  });

  test("are accepted again as soon as the provider issues a token for them", async () => {
    const { clock, state, credentials, resolve } = asked();
    await resolve();
    await resolve(refusedWith());
    credentials.accepted(credentials.known);
    clock.advance(30_000);
    await resolve();
    expect(state.fetches).toBe(2);
  });
});

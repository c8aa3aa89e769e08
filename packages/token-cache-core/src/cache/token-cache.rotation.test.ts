import { describe, expect, test } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import type { TokenStore } from "../contract/token-store.ts";
import type { CredentialsFunction, CredentialsRequest } from "../credentials/credentials-function.ts";
import { readCredentials } from "../credentials/read-credentials.ts";
import { createTokenSource } from "../provider/create-token-source.ts";
import { ManualClock, memoryStore } from "../testing/index.ts";
import { instant } from "../time/clock.ts";
import { TokenCache } from "./token-cache.ts";
import type { TokenCacheOptions } from "./token-cache-options.ts";
import { failureOf, HOUR, MINUTE, recorder, SECOND, STEADY_POLICY, settle } from "./token-source.test-support.ts";

const FIELDS = { id: { variable: "TEST_ID" }, secret: { variable: "TEST_SECRET" } };

/** A provider that knows one secret, and sources whose credentials the test changes. */
function world(options: TokenCacheOptions = {}) {
  const clock = new ManualClock();
  const seen = recorder();
  const cache = new TokenCache({ clock, observer: seen.observer, ...options });
  const provider = { secret: "a", asked: [] as string[], tokens: 0 };
  const keys = { secret: "a", fetches: 0 };
  const sourceWith = (credentials: { id: string; secret: string } | CredentialsFunction<"id" | "secret">) =>
    createTokenSource({
      provider: "p",
      tokenUrl: new URL("https://auth.test/token"),
      policy: STEADY_POLICY,
      credentials: readCredentials("p", { credentials, timeoutMs: 5_000 }, FIELDS),
      identity: ({ id, secret }) => [id, secret],
      async issue(context, { secret }) {
        provider.asked.push(secret);
        const sentAt = instant(context.clock);
        await settle();
        if (secret !== provider.secret) throw new TokenError("invalid_credentials", { message: "Refused." });
        return { value: `token-${++provider.tokens}`, lifetimeMs: HOUR, sentAt };
      },
    });
  const source = sourceWith((_request: CredentialsRequest) => {
    keys.fetches += 1;
    return Promise.resolve({ id: "i", secret: keys.secret });
  });
  const rotate = (secret: string) => {
    provider.secret = secret;
    keys.secret = secret;
  };
  return { clock, cache, seen, provider, keys, source, sourceWith, rotate };
}

/** The provider has refused the old secret of a process, which has then got the newer token of another process. */
async function madeUpRefusal() {
  const store = memoryStore();
  const asking = world({ store });
  const other = world({ store });
  const { clock, cache, source, rotate } = asking;
  other.provider.tokens = 10;
  await cache.getToken(source);
  clock.advance(MINUTE);
  const newer = await other.cache.getToken(other.source, { forceRefresh: true });
  rotate("b");
  expect((await cache.getToken(source, { forceRefresh: true })).id).toBe(newer.id);
  await settle();
  return { ...asking, newer };
}

describe("case 70: a rotation", () => {
  test("never gives a client with the old secret a token of the new one", async () => {
    const { cache, source, sourceWith, rotate, provider } = world();
    const old = sourceWith({ id: "i", secret: "a" });
    await cache.getToken(source);
    await cache.invalidate(source, cache.peek(source)?.id ?? "");
    rotate("b");
    const [fetched, fixed] = await Promise.allSettled([cache.getToken(source), cache.getToken(old)]);
    expect(fetched).toMatchObject({ status: "fulfilled" });
    expect(fixed).toMatchObject({ status: "rejected", reason: { code: "invalid_credentials" } });
    expect(provider.asked).toEqual(["a", "a", "b"]);
  });

  test("without shared flights, never serves a token of the earlier secret after its end", async () => {
    const { clock, cache, source, rotate, keys } = world({ sharedFlights: false });
    const first = await cache.getToken(source);
    rotate("b");
    clock.advance(55 * MINUTE);
    const stale = await Promise.all([cache.getToken(source), cache.getToken(source)]);
    expect(stale.every(({ id }) => id !== first.id)).toBe(true);
    expect(keys.fetches).toBe(3);
    expect(cache.peek(source)?.id).not.toBe(first.id);
  });

  test("keeps the usable token while the new credentials bring none", async () => {
    const { clock, cache, source, rotate, provider } = world();
    const first = await cache.getToken(source);
    rotate("b");
    provider.secret = "c";
    clock.advance(55 * MINUTE);
    for (let call = 0; call < 20; call++) {
      expect(await cache.getToken(source)).toBe(first);
      await settle();
      clock.advance(SECOND);
    }
    expect(cache.inspect(source)).toMatchObject({ token: first, lastError: { code: "invalid_credentials" } });
    expect(provider.asked.length).toBeLessThanOrEqual(5);
    provider.secret = "b";
    clock.advance(MINUTE);
    const next = cache.getToken(source);
    await settle();
    expect([first.id, cache.peek(source)?.id]).toContain((await next).id);
  });

  test("a refused token is dropped under its own key, here and in the store, and its successor is another", async () => {
    const store = memoryStore();
    const { cache, source, rotate } = world({ store });
    const other = world({ store });
    const first = await cache.getToken(source);
    expect((await other.cache.getToken(other.source)).id).toBe(first.id);
    rotate("b");
    const second = await cache.getToken(source, { refusedTokenId: first.id });
    expect(second.id).not.toBe(first.id);
    await settle();
    expect(other.cache.peek(other.source)).toBeUndefined();
    other.rotate("b");
    expect((await other.cache.getToken(other.source)).id).toBe(second.id);
    expect(other.provider.asked).toEqual(["a"]);
  });

  test("is noticed where another process's token makes up for the refusal", async () => {
    const { cache, source, newer, keys } = await madeUpRefusal();
    expect(keys.fetches).toBe(2);
    expect((await cache.getToken(source, { forceRefresh: true })).id).not.toBe(newer.id);
  });

  test("keeps another process's token that made up for the refusal, until it ends", async () => {
    const { cache, source, newer, provider } = await madeUpRefusal();
    expect(cache.peek(source)?.id).toBe(newer.id);
    expect((await cache.getToken(source)).id).toBe(newer.id);
    expect(provider.asked).toEqual(["a", "a"]);
  });

  test("keeps such a token though it is the process's first", async () => {
    const shared = memoryStore();
    const other = world({ store: shared });
    const { id } = await other.cache.getToken(other.source);
    const asked: string[] = [];
    const store: TokenStore = { ...shared, get: async (key) => (asked.length > 0 ? shared.get(key) : undefined) };
    const { cache, source, rotate, provider, keys } = world({ store });
    provider.asked = asked;
    rotate("b");
    keys.secret = "a";
    const call = cache.getToken(source);
    await settle();
    keys.secret = "b";
    expect((await call).id).toBe(id);
    await settle();
    expect(keys.fetches).toBe(2);
    expect(cache.peek(source)?.id).toBe(id);
    expect((await cache.getToken(source)).id).toBe(id);
  });

  test("that is undone uses the first secret again, though its refusal is remembered", async () => {
    const { clock, cache, source, rotate } = world();
    await cache.getToken(source);
    rotate("b");
    await cache.getToken(source, { forceRefresh: true });
    rotate("a");
    clock.advance(5 * SECOND);
    expect((await cache.getToken(source, { forceRefresh: true })).value).toBe("token-3");
  });

  test("an abort ends one caller's wait for the credentials, and closing the cache ends all", async () => {
    const { cache, sourceWith, seen } = world();
    const never = sourceWith(() => new Promise(() => {}));
    const controller = new AbortController();
    const aborted = cache.getToken(never, { signal: controller.signal });
    const waiting = failureOf(cache.getToken(never));
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    await cache.close();
    expect((await waiting).code).toBe("closed");
    expect(seen.events).toEqual([]);
  });
});

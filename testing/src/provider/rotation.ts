import { startEmulator } from "@x/commerce-auth-emulator";
import { describe, expect, it, vi } from "vitest";
import { failureOf, HOUR, MINUTE, SECOND } from "../emulated-life.ts";
import { leaksIn } from "../leaks.ts";
import { refusalOf } from "./option-checks.ts";
import type { EmulatedProvider, ProviderTests } from "./provider-tests.ts";

/** Credentials that a function fetches, and that change while the server runs. */
export function testRotation(tests: ProviderTests) {
  const { provider, emulated, createAuth, emulate, accepting, id, secret, tokenEndpoint, keys } = tests;
  const noSeparate = { [id.option]: undefined, [secret.option]: undefined };
  const requests = ({ emulator }: EmulatedProvider) => emulator.requestCount(tokenEndpoint);

  /** A client of the emulator whose function returns what `fetch` does: the credentials that are accepted now. */
  function clientOf(world: EmulatedProvider, fetch?: () => unknown, options: object = {}) {
    const fetched = vi.fn(fetch ?? (async () => world.emulator[emulated].credentials));
    return { fetched, auth: world.createAuth({ ...noSeparate, credentials: fetched, ...options }) };
  }

  describe("the option credentials", () => {
    it("is an object in place of the single options, with the same key", async () => {
      await using world = await emulate(accepting([keys]));
      const auth = world.createAuth({ ...noSeparate, credentials: { ...keys, other: 1 } });
      expect(auth.source.key).toBe(world.createAuth(keys).source.key);
      expect((await auth.getToken()).value).toBeTruthy();
    });

    it("is a function: it is called at the first request, once for many callers, and the token is shared by its key", async () => {
      await using world = await emulate();
      const { fetched, auth } = clientOf(world);
      expect(auth.source.key).toMatch(/:unknown$/);
      expect(auth.peek()).toBeUndefined();
      expect(await auth.check()).toMatchObject({ usable: false, credentials: "not_fetched" });
      expect(fetched).not.toHaveBeenCalled();
      const tokens = await Promise.all(Array.from({ length: 50 }, () => auth.getToken()));
      expect([new Set(tokens).size, fetched.mock.calls.length, requests(world)]).toEqual([1, 1, 1]);
      expect(await world.createAuth().getToken()).toBe(tokens[0]);
      expect(auth.peek()).toBe(tokens[0]);
      expect(fetched).toHaveBeenCalledTimes(1);
      expect(await auth.check()).toMatchObject({ usable: true, credentials: "known" });
    });

    it("is refused before any request if it has the wrong type, or beside a single option", () => {
      const refusalWith = (options: object) => refusalOf(provider, () => createAuth(options));
      for (const credentials of [null, 1, "text", true]) {
        expect(refusalWith({ credentials })).toContain("The option credentials must be an object");
      }
      expect(refusalWith({ credentials: {} })).toContain(`The option credentials.${id.option} must be a string`);
      expect(refusalWith({ credentials: { ...keys, [secret.option]: "" } })).toContain(secret.option);
      expect(refusalWith({ credentials: () => keys, [id.option]: id.example })).toContain("not both");
      expect(refusalWith({ credentials: keys, [secret.option]: secret.example })).toContain("not both");
      for (const credentialsTtlMs of [-1, Number.NaN, "60000", null]) {
        expect(refusalWith({ credentials: () => keys, credentialsTtlMs })).toContain("option credentialsTtlMs ");
      }
      expect(refusalWith({ ...keys, credentialsTtlMs: 1 })).toContain("needs a function");
    });

    it("is never called if COMMERCE_AUTH_EMULATOR is set", async () => {
      await using emulator = await startEmulator();
      vi.stubEnv("COMMERCE_AUTH_EMULATOR", emulator.origin);
      const fetched = vi.fn(async () => keys);
      await using auth = createAuth({ credentials: fetched, credentialsTtlMs: 0 });
      expect((await auth.getToken()).value).toBeTruthy();
      expect(fetched).not.toHaveBeenCalled();
    });
  });

  describe("case 70: a rotation while the server runs", () => {
    it("fails no call and costs no extra request if both secrets are valid for a while", async () => {
      await using world = await emulate();
      const { auth } = clientOf(world);
      const first = await auth.getToken();
      world.emulator.rotateSecret(emulated, { overlapMs: HOUR });
      expect(await auth.getToken()).toBe(first);
      world.life.pass(Math.max(0, first.expiresAt - world.clock.wall()));
      expect((await auth.getToken()).id).not.toBe(first.id);
      expect(requests(world)).toBe(2);
    });

    it("serves the usable token while the secret is dead, and costs one refused request", async () => {
      await using world = await emulate();
      const { fetched, auth } = clientOf(world, undefined, { credentialsTtlMs: Number.POSITIVE_INFINITY });
      const first = await auth.getToken();
      world.emulator.rotateSecret(emulated);
      expect(await auth.getToken()).toBe(first);
      const renewalDueAt = (await auth.check()).renewalDueAt ?? 0;
      world.life.pass(renewalDueAt - world.clock.wall());
      expect(await auth.getToken()).toBe(first);
      await expect.poll(() => requests(world)).toBe(3);
      await world.life.settled();
      expect(fetched).toHaveBeenCalledTimes(2);
      world.life.pass(Math.max(0, first.expiresAt - world.clock.wall()));
      expect((await auth.getToken()).id).toBeTruthy();
      const statuses = world.emulator.journal.map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200)).toHaveLength(1);
      expect(world.life.seen("credentials_fetched").map(({ outcome }) => outcome)).toEqual(["first", "changed"]);
    });

    it("fails no call if the tokens die with the secret", async () => {
      await using world = await emulate();
      const { fetched, auth } = clientOf(world);
      const first = await auth.getToken();
      world.life.pass(MINUTE);
      world.emulator.rotateSecret(emulated);
      world.emulator.revoke(emulated);
      const answers = await Promise.all(Array.from({ length: 20 }, () => auth.api.get(tests.api.path)));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect([requests(world), fetched.mock.calls.length]).toEqual([3, 2]);
      expect(auth.peek()?.id).not.toBe(first.id);
    });

    it("is known before the request if the time to live is over", async () => {
      await using world = await emulate();
      const { auth } = clientOf(world, undefined, { credentialsTtlMs: 0 });
      await auth.getToken();
      world.emulator.rotateSecret(emulated);
      await auth.getToken({ forceRefresh: true });
      expect(world.emulator.journal.map(({ status }) => status)).toEqual([200, 200]);
    });

    it("costs a handful of requests if the function returns the same secret, and fails with invalid_credentials", async () => {
      await using world = await emulate();
      const { fetched, auth } = clientOf(world, async () => keys);
      for (let call = 0; call < 100; call++) {
        expect(await failureOf(auth.getToken())).toMatchObject({ code: "invalid_credentials", provider });
        world.life.pass(0.1 * SECOND);
      }
      expect(requests(world)).toBeLessThanOrEqual(2);
      expect(fetched.mock.calls.length).toBeLessThanOrEqual(8);
      expect(await auth.check()).toMatchObject({ usable: false, credentials: "refused" });
    });
  });

  describe("case 71: a function that fails", () => {
    const odd: readonly [string, () => unknown][] = [
      ["rejects", () => Promise.reject(new Error(secret.example))],
      [
        "throws",
        () => {
          throw Object.assign(new Error(secret.example), { name: secret.example, code: secret.example });
        },
      ],
      ["returns nothing", () => undefined],
      ["returns a string", async () => secret.example],
      ["returns an empty secret", async () => ({ ...keys, [secret.option]: "" })],
      ["returns a secret with a line end", async () => ({ ...keys, [secret.option]: `${secret.example}\n` })],
      ["returns half", async () => ({ [secret.option]: secret.example })],
      [
        "returns a getter that throws",
        async () => ({
          get [id.option]() {
            throw new Error(secret.example);
          },
        }),
      ],
      ["returns a thenable that throws", () => thenableThatThrows(secret.example)],
    ];

    it.each(odd)("%s: an error that names it and holds no secret", async (_what, fetch) => {
      await using world = await emulate();
      const { auth } = clientOf(world, fetch);
      const failure = await failureOf(auth.getToken());
      expect(failure).toMatchObject({ code: "credentials_unavailable", provider, retryable: true });
      expect(failure.message).toContain("option credentials");
      expect(leaksIn([failure, auth, world.life.events, await auth.check()], [secret.example])).toEqual([]);
      expect(await auth.check()).toMatchObject({ credentials: "unavailable", lastError: failure });
      expect(requests(world)).toBe(0);
    });

    it.each(odd)(
      "%s: usable tokens stay in use, calls follow with backoff, and its recovery is noticed",
      async (_what, fetch) => {
        await using world = await emulate();
        let isBroken = false;
        const { fetched, auth } = clientOf(world, () => (isBroken ? fetch() : world.emulator[emulated].credentials));
        const first = await auth.getToken();
        isBroken = true;
        const { renewalDueAt = 0, expiresAt = 0 } = await auth.check();
        world.life.pass(renewalDueAt - world.clock.wall());
        expect(await auth.getToken()).toBe(first);
        await world.life.settled();
        expect(await auth.check()).toMatchObject({ usable: true, credentials: "outdated" });
        // The secret known before still works.
        world.life.pass(expiresAt - world.clock.wall());
        await auth.getToken();
        const before = fetched.mock.calls.length;
        for (let call = 0; call < 100; call++) await auth.getToken({ forceRefresh: true });
        expect(fetched.mock.calls.length - before).toBeLessThanOrEqual(1);
        world.emulator.rotateSecret(emulated);
        isBroken = false;
        world.life.pass(MINUTE);
        await auth.getToken({ forceRefresh: true });
        expect(await auth.check()).toMatchObject({ usable: true, credentials: "known" });
      },
    );

    it("never answers: ends after timeoutMs, for all callers", async () => {
      await using world = await emulate();
      const { auth } = clientOf(world, () => new Promise(() => {}), { timeoutMs: 2_000 });
      const failures = Promise.all(Array.from({ length: 5 }, () => failureOf(auth.getToken())));
      await expect.poll(() => world.clock.pendingTimers).toBeGreaterThan(0);
      world.life.pass(2_000);
      for (const failure of await failures) {
        expect(failure).toMatchObject({ code: "credentials_unavailable" });
        expect(failure.message).toContain("2000 ms");
      }
    });

    it("never answers: a caller's abort and the cache's end take effect at once", async () => {
      await using world = await emulate();
      const { auth } = clientOf(world, () => new Promise(() => {}));
      const controller = new AbortController();
      const aborted = auth.getToken({ signal: controller.signal });
      const waiting = failureOf(auth.getToken());
      controller.abort(new Error("enough"));
      await expect(aborted).rejects.toThrow("enough");
      await world.cache.close();
      expect((await waiting).code).toBe("closed");
      expect(requests(world)).toBe(0);
    });
  });

  it("case 72: wrong credentials that are corrected are used at once, not after the backoff", async () => {
    await using world = await emulate();
    let isMended = false;
    const { auth } = clientOf(world, async () => (isMended ? world.emulator[emulated].credentials : keys));
    expect((await failureOf(auth.getToken())).code).toBe("invalid_credentials");
    isMended = true;
    world.life.pass(SECOND);
    expect((await auth.getToken()).value).toBeTruthy();
    expect(requests(world)).toBe(2);
  });

  it("a token can be invalidated before and after a rotation", async () => {
    await using world = await emulate();
    const { auth } = clientOf(world);
    await auth.invalidate("0123456789abcdef");
    const first = await auth.getToken();
    world.emulator.rotateSecret(emulated);
    await auth.invalidate(first.id);
    expect(auth.peek()).toBeUndefined();
    expect((await auth.getToken()).value).toBeTruthy();
  });
}

function thenableThatThrows(text: string): PromiseLike<never> {
  const throwing = () => {
    throw new Error(text);
  };
  const object = {};
  Reflect.set(object, "then", throwing);
  return object as PromiseLike<never>;
}

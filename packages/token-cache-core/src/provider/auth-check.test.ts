import { describe, expect, test } from "vitest";
import { TokenCache } from "../cache/token-cache.ts";
import { failing, HOUR, MINUTE, STEADY_POLICY, TestTokenSource } from "../cache/token-source.test-support.ts";
import { chaosStore, ManualClock, memoryStore } from "../testing/index.ts";
import { createTokenSource } from "./create-token-source.ts";
import { createTokenAuth } from "./token-auth.ts";

const clock = () => new ManualClock({ startAt: 1_700_000_000_000 });

function authOf(source = new TestTokenSource(), options = {}) {
  const time = clock();
  const cache = new TokenCache({ clock: time, ...options });
  return { source, cache, clock: time, auth: createTokenAuth(source, { cache }) };
}

describe("a check", () => {
  test("sends nothing, and says that there is no token yet", async () => {
    const { auth, source } = authOf();
    expect(await auth.check()).toEqual({
      usable: false,
      expiresAt: undefined,
      renewalDueAt: undefined,
      store: "none",
      credentials: "known",
    });
    expect(source.issues).toBe(0);
  });

  test("gets a token once if the option says so", async () => {
    const { auth, source, clock } = authOf();
    const now = clock.wall();
    const expected = { usable: true, expiresAt: now + HOUR, renewalDueAt: now + 50 * MINUTE, store: "none" };
    expect(await auth.check({ issue: true })).toEqual({ ...expected, credentials: "known" });
    expect(await auth.check({ issue: true })).toMatchObject(expected);
    expect(await auth.check()).toMatchObject(expected);
    expect(source.issues).toBe(1);
  });

  test("reports a usable token beside the error of its renewal", async () => {
    const { auth, source, clock } = authOf();
    await auth.getToken();
    source.answer = failing("ip_not_allowed");
    clock.advance(55 * MINUTE);
    await auth.getToken();
    await expect.poll(async () => (await auth.check()).lastError?.code).toBe("ip_not_allowed");
    expect(await auth.check()).toMatchObject({ usable: true, credentials: "known" });
    clock.advance(5 * MINUTE);
    expect(await auth.check()).toMatchObject({ usable: false, expiresAt: undefined, renewalDueAt: undefined });
    source.answer = () => ({});
    const recovered = await auth.check({ issue: true });
    expect(recovered).toMatchObject({ usable: true });
    expect(recovered).not.toHaveProperty("lastError");
  });

  test("does not reject: refused credentials, a closed cache, an abort, missing credentials, odd options", async () => {
    const refused = authOf(new TestTokenSource({ answer: failing("invalid_credentials") }));
    expect(await refused.auth.check({ issue: true })).toMatchObject({
      usable: false,
      credentials: "refused",
      lastError: { code: "invalid_credentials" },
    });
    await refused.cache.close();
    expect(await refused.auth.check()).toMatchObject({ usable: false, lastError: { code: "closed" } });
    expect(await refused.auth.check({ issue: true })).toMatchObject({ lastError: { code: "closed" } });

    const { auth } = authOf();
    const aborted = await auth.check({ issue: true, signal: AbortSignal.abort() });
    expect(aborted).toMatchObject({ usable: false });
    expect(aborted).not.toHaveProperty("lastError");
    expect(await auth.check(null as never)).toMatchObject({ usable: false });

    const unnamed = createTokenSource({
      provider: "p",
      tokenUrl: new URL("https://auth.test/token"),
      policy: STEADY_POLICY,
      identity: () => {
        throw new Error("canary-secret");
      },
      issue: () => Promise.reject(new Error("not asked")),
    });
    const missing = await createTokenAuth(unnamed, {}).check({ issue: true });
    expect(missing).toMatchObject({ usable: false, credentials: "missing" });
    expect(JSON.stringify(missing)).not.toContain("canary");
  });

  test("reports the store's state", async () => {
    const store = chaosStore(memoryStore());
    const { auth, clock } = authOf(new TestTokenSource(), { store });
    expect((await auth.check({ issue: true })).store).toBe("working");
    store.setChaos({ throws: 1 });
    clock.advance(HOUR);
    expect(await auth.check({ issue: true })).toMatchObject({ usable: true, store: "failing" });
  });

  test("prints no token", async () => {
    const { auth } = authOf();
    expect(JSON.stringify(await auth.check({ issue: true }))).not.toContain("token-1");
  });
});

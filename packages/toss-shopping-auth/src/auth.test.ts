import { startRecorder } from "@x/testing/recorder";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { emulated, failureOf, MINUTE, SECOND } from "./emulated.test-support.ts";
import { createTossShoppingAuth, type TossShoppingAuthOptions } from "./index.ts";

describe("getToken", () => {
  it("case 1: a thousand callers on a cold cache cost one request and get one token", async () => {
    await using world = await emulated();
    const toss = world.createAuth();
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => toss.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(world.emulator.requestCount("toss.token")).toBe(1);
    expect(await world.callApi(await toss.getToken())).toBe(200);
  });

  it("gives a token that says what it is, with the life that Toss gave it", async () => {
    await using world = await emulated();
    const token = await world.createAuth().getToken();
    expect(token).toMatchObject({ tokenType: "Bearer", scope: "toss-shopping-fep:write" });
    expect(token.issuedAt).toBe(world.clock.wall());
    expect(token.expiresAt - token.issuedAt).toBe(3_599_000);
  });

  it("runs on the system's clock, fetch and a cache of its own where nothing is handed in", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.toss;
    await using toss = createTossShoppingAuth({ ...credentials, tokenUrl });
    expect(toss.peek()).toBeUndefined();
    const token = await toss.getToken();
    expect(await toss.getToken()).toBe(token);
    expect(toss.peek()).toBe(token);
    await toss.invalidate(token.id);
    expect(toss.peek()).toBeUndefined();
    expect(world.emulator.requestCount("toss.token")).toBe(1);
  });

  it("ends only the waiting of the caller who aborts", async () => {
    await using world = await emulated();
    const toss = world.createAuth();
    const controller = new AbortController();
    const aborted = toss.getToken({ signal: controller.signal });
    const other = toss.getToken();
    controller.abort(new Error("never mind"));
    await expect(aborted).rejects.toThrow("never mind");
    expect((await other).value).toBeTruthy();
    expect(world.emulator.requestCount("toss.token")).toBe(1);
  });

  it("case 9: a refused token costs one refused call, whatever its nominal expiry", async () => {
    await using world = await emulated();
    const toss = world.createAuth();
    const refused = await toss.getToken();
    world.life.pass(10 * SECOND);
    world.emulator.revoke("toss");
    expect(await world.callApi(refused)).toBe(401);
    const tokens = await Promise.all(Array.from({ length: 50 }, () => toss.getToken({ refusedTokenId: refused.id })));
    expect(new Set(tokens).size).toBe(1);
    expect(await world.callApi(await toss.getToken())).toBe(200);
    expect(world.emulator.requestCount("toss.token")).toBe(2);
  });

  it("says so where the refused token is all that Toss has to give", async () => {
    await using world = await emulated({ toss: { reissue: "same-token" } });
    const toss = world.createAuth();
    const { id } = await toss.getToken();
    world.life.pass(10 * SECOND);
    world.emulator.revoke("toss", undefined, { reissue: "same-token" });
    for (let call = 0; call < 20; call++) {
      expect((await failureOf(toss.getToken({ refusedTokenId: id }))).code).toBe("token_refused");
    }
    expect(world.emulator.requestCount("toss.token")).toBe(2);
  });

  it("case 18: a thousand calls in a minute with a wrong secret make a handful of requests", async () => {
    await using world = await emulated();
    const toss = world.createAuth({ secretKey: "wrong" });
    const codes = new Set<string>();
    for (let call = 0; call < 1_000; call++) {
      codes.add((await failureOf(toss.getToken())).code);
      world.life.pass(MINUTE / 1_000);
    }
    expect(codes).toEqual(new Set(["invalid_credentials"]));
    expect(world.emulator.requestCount("toss.token")).toBeLessThanOrEqual(7);
  });

  it("goes by Retry-After where Toss limits token requests", async () => {
    await using world = await emulated();
    world.emulator.fault({
      endpoint: "toss.token",
      kind: "status",
      status: 429,
      body: { error: "too_many_requests" },
      headers: { "Retry-After": "40" },
    });
    const toss = world.createAuth();
    expect(await failureOf(toss.getToken())).toMatchObject({ code: "rate_limited", retryAfterMs: 40_000 });
    world.life.pass(39 * SECOND);
    await failureOf(toss.getToken());
    expect(world.emulator.requestCount("toss.token")).toBe(1);
    world.emulator.clearFaults();
    world.life.pass(SECOND);
    expect((await toss.getToken()).value).toBeTruthy();
  });
});

describe("case 10: the key", () => {
  const word = fc.constantFrom("one", "two", "one\u0000two", '"one"', 'one","two');
  const url = fc.constantFrom("https://a.example/token", "https://a.example/other", "https://b.example/token");
  const identity = fc.record({ accessKey: word, secretKey: word, scope: word, tokenUrl: url });
  const keyOf = (options: TossShoppingAuthOptions) => createTossShoppingAuth(options).source.key;

  it("differs where anything differs that the token depends on, and only there", () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it("tells live from test, and the documented scope from another", () => {
    const keys = { accessKey: "key", secretKey: "secret" };
    expect(keyOf({ ...keys, environment: "test" })).not.toBe(keyOf(keys));
    expect(keyOf({ ...keys, scope: "another:write" })).not.toBe(keyOf(keys));
    expect(keyOf({ ...keys, environment: "live", scope: "toss-shopping-fep:write" })).toBe(keyOf(keys));
    expect(keyOf({ ...keys, solutionCode: "code", timeoutMs: 1 })).toBe(keyOf(keys));
  });

  it("names the provider and the host, and shows neither key nor secret", () => {
    const key = keyOf({ accessKey: "canary-access", secretKey: "canary-secret", environment: "test" });
    expect(key).toMatch(/^toss-shopping:https:\/\/oauth2-alpha\.cert\.toss\.im:[0-9a-f]{32}$/);
  });

  it("is another for a rotated secret, so that the new one's token is asked for at once", async () => {
    const seller = { accessKey: "seller", secretKey: "old-secret" };
    const rotated = { ...seller, secretKey: "new-secret" };
    await using world = await emulated({ toss: { sellers: [seller, rotated] } });
    const before = await world.createAuth(seller).getToken();
    const after = await world.createAuth(rotated).getToken();
    expect(after.id).not.toBe(before.id);
    expect(world.emulator.requestCount("toss.token")).toBe(2);
    await failureOf(world.createAuth({ ...seller, secretKey: "wrong-secret" }).getToken());
  });
});

describe("credentials in the environment", () => {
  it("are read when first needed, not when the client is made", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.toss;
    const toss = createTossShoppingAuth({ tokenUrl, cache: world.cache });

    const withoutKey = await failureOf(toss.getToken());
    expect(withoutKey).toMatchObject({ code: "invalid_options", provider: "toss-shopping" });
    expect(withoutKey.message).toContain("accessKey");
    expect(withoutKey.message).toContain("TOSS_SHOPPING_ACCESS_KEY");

    vi.stubEnv("TOSS_SHOPPING_ACCESS_KEY", credentials.accessKey);
    const withoutSecret = await failureOf(toss.getToken());
    expect(withoutSecret.message).toContain("secretKey");
    expect(withoutSecret.message).toContain("TOSS_SHOPPING_SECRET_KEY");
    expect(world.emulator.requestCount("toss.token")).toBe(0);

    vi.stubEnv("TOSS_SHOPPING_SECRET_KEY", credentials.secretKey);
    expect((await toss.getToken()).value).toBeTruthy();
  });

  it("are read once, so that the key of a token and its requests belong together", async () => {
    await using world = await emulated({ toss: { sellers: "any" } });
    const toss = createTossShoppingAuth({
      accessKey: "seller",
      tokenUrl: world.emulator.toss.tokenUrl,
      cache: world.cache,
    });
    vi.stubEnv("TOSS_SHOPPING_SECRET_KEY", "first");
    await toss.getToken();
    vi.stubEnv("TOSS_SHOPPING_SECRET_KEY", "second");
    await toss.getToken({ forceRefresh: true });
    const bodies = world.emulator.journal.map(({ body }) => body.sha256);
    expect(bodies[1]).toBe(bodies[0]);
  });

  it("give way to options", async () => {
    await using world = await emulated();
    vi.stubEnv("TOSS_SHOPPING_ACCESS_KEY", "another-key");
    vi.stubEnv("TOSS_SHOPPING_SECRET_KEY", "another-secret");
    expect((await world.createAuth().getToken()).value).toBeTruthy();
  });

  it.each([
    ["", /TOSS_SHOPPING_SECRET_KEY is empty/],
    ["secret\n", /TOSS_SHOPPING_SECRET_KEY has white space/],
  ])("are checked: %j", async (secret, message) => {
    await using world = await emulated();
    vi.stubEnv("TOSS_SHOPPING_SECRET_KEY", secret);
    const failure = await failureOf(world.createAuth({ secretKey: undefined }).getToken());
    expect(failure.code).toBe("invalid_options");
    expect(failure.message).toMatch(message);
    expect(world.emulator.requestCount("toss.token")).toBe(0);
  });
});

describe("the option", () => {
  it("fetch is called with a URL and an init, as any proxy's fetch understands, and its request arrives", async () => {
    await using world = await emulated();
    const fetch = vi.fn<typeof globalThis.fetch>((input, init) => globalThis.fetch(input, init));
    await world.createAuth({ fetch }).getToken();
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe(world.emulator.toss.tokenUrl);
    expect(init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(await new Response(init?.body).text()).toMatch(/^grant_type=client_credentials&client_id=/);
    expect(world.emulator.requestCount("toss.token")).toBe(1);
  });

  it("timeoutMs ends a request that hangs", async () => {
    await using world = await emulated({ cache: { maxAttempts: 1 } });
    world.emulator.fault({ endpoint: "toss.token", kind: "hang" });
    const failure = failureOf(world.createAuth({ timeoutMs: 2_000 }).getToken());
    await expect.poll(() => world.emulator.requestCount("toss.token")).toBe(1);
    world.life.pass(2_000);
    expect(await failure).toMatchObject({ code: "timeout", retryable: true });
  });

  it("observer sees what happens to a token, by its id", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.toss;
    const types: string[] = [];
    await using toss = createTossShoppingAuth({
      ...credentials,
      tokenUrl,
      clock: new ManualClock({ startAt: world.clock.wall() }),
      observer: ({ type }) => types.push(type),
    });
    const { id } = await toss.getToken();
    await toss.getToken();
    await toss.invalidate(id);
    expect(types).toEqual(["flight_started", "clock_synced", "issued", "hit", "evicted"]);
  });

  it("cache is shared: two clients of one seller have one token, two sellers have two", async () => {
    await using world = await emulated({ toss: { sellers: "any" } });
    const same = await Promise.all([world.createAuth().getToken(), world.createAuth().getToken()]);
    expect(new Set(same).size).toBe(1);
    const other = await world.createAuth({ accessKey: "another-seller" }).getToken();
    expect(other.id).not.toBe(same[0].id);
    expect(world.emulator.requestCount("toss.token")).toBe(2);
  });

  it("cache stays open when one of its clients is closed, a cache of one's own does not", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.toss;
    const sharing = world.createAuth();
    await sharing.close();
    expect((await sharing.getToken()).value).toBeTruthy();

    const alone = createTossShoppingAuth({ ...credentials, tokenUrl });
    await alone.getToken();
    await alone.close();
    await alone.close();
    expect((await failureOf(alone.getToken())).code).toBe("closed");
    expect(alone.peek()).toBeUndefined();
  });
});

describe("case 22: a redirect of the token endpoint", () => {
  it.each([301, 302, 303, 307, 308] as const)("by HTTP %i is not followed", async (status) => {
    await using elsewhere = await startRecorder((response) => response.end("{}"));
    await using world = await emulated();
    world.emulator.fault({ endpoint: "toss.token", kind: "redirect", location: `${elsewhere.origin}/token`, status });
    expect(await failureOf(world.createAuth().getToken())).toMatchObject({
      code: "origin_not_allowed",
      retryable: false,
    });
    expect(elsewhere.connections).toBe(0);
    expect(world.emulator.requestCount("toss.token")).toBe(1);
  });

  it("would have carried the secret elsewhere with a plain fetch", async () => {
    await using elsewhere = await startRecorder((response) => response.end("{}"));
    await using world = await emulated();
    world.emulator.fault({ endpoint: "toss.token", kind: "redirect", location: elsewhere.origin, status: 307 });
    await fetch(world.emulator.toss.tokenUrl, { method: "POST", body: "client_secret=a-secret" });
    expect(elsewhere.requests[0]?.body).toBe("client_secret=a-secret");
  });
});

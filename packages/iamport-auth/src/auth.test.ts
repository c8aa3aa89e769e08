import { startRecorder } from "@x/testing/recorder";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { emulated, failureOf, MINUTE, SECOND } from "./emulated.test-support.ts";
import { createIamportAuth, type IamportAuthOptions } from "./index.ts";

describe("getToken", () => {
  it("case 1: a thousand callers on a cold cache cost one request and get one token", async () => {
    await using world = await emulated();
    const iamport = world.createAuth();
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => iamport.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(world.emulator.requestCount("iamport.token")).toBe(1);
    expect(await world.callApi(await iamport.getToken())).toBe(200);
  });

  it("gives a token that says what it is, with the life that iamport gave it by its own clock", async () => {
    await using world = await emulated({ clientAheadMs: 9 * 60 * MINUTE });
    const token = await world.createAuth().getToken();
    expect(token).toMatchObject({ tokenType: "Bearer", scope: undefined });
    expect(token.issuedAt).toBe(world.clock.wall());
    expect(token.expiresAt - token.issuedAt).toBe(1_800_000);
  });

  it("runs on the system's clock, fetch and a cache of its own where nothing is handed in", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.iamport;
    await using iamport = createIamportAuth({ ...credentials, tokenUrl });
    expect(iamport.peek()).toBeUndefined();
    const token = await iamport.getToken();
    expect(await iamport.getToken()).toBe(token);
    expect(iamport.peek()).toBe(token);
    await iamport.invalidate(token.id);
    expect(iamport.peek()).toBeUndefined();
    expect(world.emulator.requestCount("iamport.token")).toBe(1);
  });

  it("ends only the waiting of the caller who aborts", async () => {
    await using world = await emulated();
    const iamport = world.createAuth();
    const controller = new AbortController();
    const aborted = iamport.getToken({ signal: controller.signal });
    const other = iamport.getToken();
    controller.abort(new Error("never mind"));
    await expect(aborted).rejects.toThrow("never mind");
    expect((await other).value).toBeTruthy();
    expect(world.emulator.requestCount("iamport.token")).toBe(1);
  });

  it("case 9: a refused token costs one refused call, whatever its nominal expiry", async () => {
    await using world = await emulated();
    const iamport = world.createAuth();
    const refused = await iamport.getToken();
    world.life.pass(10 * SECOND);
    world.emulator.revoke("iamport");
    expect(await world.callApi(refused)).toBe(401);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, () => iamport.getToken({ refusedTokenId: refused.id })),
    );
    expect(new Set(tokens).size).toBe(1);
    expect(await world.callApi(await iamport.getToken())).toBe(200);
    expect(world.emulator.requestCount("iamport.token")).toBe(2);
  });

  it("says so where the refused token is all that iamport has to give", async () => {
    await using world = await emulated();
    const iamport = world.createAuth();
    const { id } = await iamport.getToken();
    world.life.pass(10 * SECOND);
    world.emulator.revoke("iamport", undefined, { reissue: "same-token" });
    for (let call = 0; call < 20; call++) {
      expect((await failureOf(iamport.getToken({ refusedTokenId: id }))).code).toBe("token_refused");
    }
    expect(world.emulator.requestCount("iamport.token")).toBe(2);
  });

  it("case 18: a thousand calls in a minute with a wrong secret make a handful of requests", async () => {
    await using world = await emulated();
    const iamport = world.createAuth({ impSecret: "wrong" });
    const codes = new Set<string>();
    for (let call = 0; call < 1_000; call++) {
      codes.add((await failureOf(iamport.getToken())).code);
      world.life.pass(MINUTE / 1_000);
    }
    expect(codes).toEqual(new Set(["invalid_credentials"]));
    expect(world.emulator.requestCount("iamport.token")).toBeLessThanOrEqual(7);
  });

  it("goes by Retry-After where iamport limits token requests", async () => {
    await using world = await emulated();
    world.emulator.fault({
      endpoint: "iamport.token",
      kind: "status",
      status: 429,
      body: { code: -1, message: "Too Many Requests", response: null },
      headers: { "Retry-After": "40" },
    });
    const iamport = world.createAuth();
    expect(await failureOf(iamport.getToken())).toMatchObject({ code: "rate_limited", retryAfterMs: 40_000 });
    world.life.pass(39 * SECOND);
    await failureOf(iamport.getToken());
    expect(world.emulator.requestCount("iamport.token")).toBe(1);
    world.emulator.clearFaults();
    world.life.pass(SECOND);
    expect((await iamport.getToken()).value).toBeTruthy();
  });
});

describe("case 10: the key", () => {
  const word = fc.constantFrom("one", "two", "one\u0000two", '"one"', 'one","two');
  const url = fc.constantFrom("https://a.example/token", "https://a.example/other", "https://b.example/token");
  const identity = fc.record({ impKey: word, impSecret: word, tokenUrl: url });
  const keyOf = (options: IamportAuthOptions) => createIamportAuth(options).source.key;

  it("differs where anything differs that the token depends on, and only there", () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it("is the same for every Tier, since an agency's token is", () => {
    const keys = { impKey: "key", impSecret: "secret" };
    expect(keyOf({ ...keys, tier: "001" })).toBe(keyOf(keys));
    expect(keyOf({ ...keys, tier: "002", timeoutMs: 1 })).toBe(keyOf(keys));
  });

  it("names the provider and the host, and shows neither key nor secret", () => {
    const key = keyOf({ impKey: "canary-key", impSecret: "canary-secret" });
    expect(key).toMatch(/^iamport:https:\/\/api\.iamport\.kr:[0-9a-f]{32}$/);
  });

  it("is another for a rotated secret, so that the old one's token is not handed out for it", async () => {
    const merchant = { impKey: "merchant", impSecret: "old-secret" };
    const rotated = { ...merchant, impSecret: "new-secret" };
    await using world = await emulated({ iamport: { accounts: [merchant, rotated] } });
    await world.createAuth(merchant).getToken();
    await world.createAuth(rotated).getToken();
    expect(world.emulator.requestCount("iamport.token")).toBe(2);
    await failureOf(world.createAuth({ ...merchant, impSecret: "wrong-secret" }).getToken());
  });
});

describe("credentials in the environment", () => {
  it("are read when first needed, not when the client is made", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.iamport;
    const iamport = createIamportAuth({ tokenUrl, cache: world.cache });

    const withoutKey = await failureOf(iamport.getToken());
    expect(withoutKey).toMatchObject({ code: "invalid_options", provider: "iamport" });
    expect(withoutKey.message).toContain("impKey");
    expect(withoutKey.message).toContain("IAMPORT_IMP_KEY");

    vi.stubEnv("IAMPORT_IMP_KEY", credentials.impKey);
    const withoutSecret = await failureOf(iamport.getToken());
    expect(withoutSecret.message).toContain("impSecret");
    expect(withoutSecret.message).toContain("IAMPORT_IMP_SECRET");
    expect(world.emulator.requestCount("iamport.token")).toBe(0);

    vi.stubEnv("IAMPORT_IMP_SECRET", credentials.impSecret);
    expect((await iamport.getToken()).value).toBeTruthy();
  });

  it("are read once, so that the key of a token and its requests belong together", async () => {
    await using world = await emulated({ iamport: { accounts: "any" } });
    const iamport = createIamportAuth({
      impKey: "merchant",
      tokenUrl: world.emulator.iamport.tokenUrl,
      cache: world.cache,
    });
    vi.stubEnv("IAMPORT_IMP_SECRET", "first");
    await iamport.getToken();
    vi.stubEnv("IAMPORT_IMP_SECRET", "second");
    await iamport.getToken({ forceRefresh: true });
    const bodies = world.emulator.journal.map(({ body }) => body.sha256);
    expect(bodies[1]).toBe(bodies[0]);
  });

  it("give way to options", async () => {
    await using world = await emulated();
    vi.stubEnv("IAMPORT_IMP_KEY", "another-key");
    vi.stubEnv("IAMPORT_IMP_SECRET", "another-secret");
    expect((await world.createAuth().getToken()).value).toBeTruthy();
  });

  it.each([
    ["", /IAMPORT_IMP_SECRET is empty/],
    ["secret\n", /IAMPORT_IMP_SECRET has white space/],
  ])("are checked: %j", async (secret, message) => {
    await using world = await emulated();
    vi.stubEnv("IAMPORT_IMP_SECRET", secret);
    const failure = await failureOf(world.createAuth({ impSecret: undefined }).getToken());
    expect(failure.code).toBe("invalid_options");
    expect(failure.message).toMatch(message);
    expect(world.emulator.requestCount("iamport.token")).toBe(0);
  });
});

describe("the option", () => {
  it("fetch is called with a URL and an init, as any proxy's fetch understands, and its request arrives", async () => {
    await using world = await emulated();
    const fetch = vi.fn<typeof globalThis.fetch>((input, init) => globalThis.fetch(input, init));
    await world.createAuth({ fetch }).getToken();
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe(world.emulator.iamport.tokenUrl);
    expect(init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(await new Response(init?.body).text()).toMatch(/^\{"imp_key":/);
    expect(world.emulator.requestCount("iamport.token")).toBe(1);
  });

  it("timeoutMs ends a request that hangs", async () => {
    await using world = await emulated({ cache: { maxAttempts: 1 } });
    world.emulator.fault({ endpoint: "iamport.token", kind: "hang" });
    const failure = failureOf(world.createAuth({ timeoutMs: 2_000 }).getToken());
    await expect.poll(() => world.emulator.requestCount("iamport.token")).toBe(1);
    world.life.pass(2_000);
    expect(await failure).toMatchObject({ code: "timeout", retryable: true });
  });

  it("observer sees what happens to a token, by its id", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.iamport;
    const types: string[] = [];
    await using iamport = createIamportAuth({
      ...credentials,
      tokenUrl,
      clock: new ManualClock({ startAt: world.clock.wall() }),
      observer: ({ type }) => types.push(type),
    });
    const { id } = await iamport.getToken();
    await iamport.getToken();
    await iamport.invalidate(id);
    expect(types).toEqual(["flight_started", "clock_synced", "issued", "hit", "evicted"]);
  });

  it("cache is shared: two clients of one merchant have one token, two merchants have two", async () => {
    await using world = await emulated({ iamport: { accounts: "any" } });
    const same = await Promise.all([world.createAuth().getToken(), world.createAuth().getToken()]);
    expect(new Set(same).size).toBe(1);
    const other = await world.createAuth({ impKey: "another-merchant" }).getToken();
    expect(other.id).not.toBe(same[0].id);
    expect(world.emulator.requestCount("iamport.token")).toBe(2);
  });

  it("cache stays open when one of its clients is closed, a cache of one's own does not", async () => {
    await using world = await emulated();
    const { credentials, tokenUrl } = world.emulator.iamport;
    const sharing = world.createAuth();
    await sharing.close();
    expect((await sharing.getToken()).value).toBeTruthy();

    const alone = createIamportAuth({ ...credentials, tokenUrl });
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
    world.emulator.fault({
      endpoint: "iamport.token",
      kind: "redirect",
      location: `${elsewhere.origin}/token`,
      status,
    });
    expect(await failureOf(world.createAuth().getToken())).toMatchObject({
      code: "origin_not_allowed",
      retryable: false,
    });
    expect(elsewhere.connections).toBe(0);
    expect(world.emulator.requestCount("iamport.token")).toBe(1);
  });

  it("would have carried the secret elsewhere with a plain fetch", async () => {
    await using elsewhere = await startRecorder((response) => response.end("{}"));
    await using world = await emulated();
    world.emulator.fault({ endpoint: "iamport.token", kind: "redirect", location: elsewhere.origin, status: 307 });
    await fetch(world.emulator.iamport.tokenUrl, { method: "POST", body: "client_secret=a-secret" });
    expect(elsewhere.requests[0]?.body).toBe("client_secret=a-secret");
  });
});

import { startRecorder } from "@x/testing/recorder";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { emulated, failureOf, MINUTE, SECOND } from "./emulated.test-support.ts";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "./index.ts";

describe("getToken", () => {
  it("case 1: a thousand callers on a cold cache cost one request and get one token", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    const tokens = await Promise.all(Array.from({ length: 1_000 }, () => naver.getToken()));
    expect(new Set(tokens).size).toBe(1);
    expect(world.emulator.requestCount("naver.token")).toBe(1);
    expect(await world.callApi(await naver.getToken())).toBe(200);
  });

  it("gives a token that says what it is, with the life that Naver gave it", async () => {
    await using world = await emulated();
    const token = await world.createAuth().getToken();
    expect(token).toMatchObject({ tokenType: "Bearer", scope: undefined });
    expect(token.issuedAt).toBe(world.clock.wall());
    expect(token.expiresAt - token.issuedAt).toBe(10_800_000);
  });

  it("runs on the system's clock, fetch and a cache of its own where nothing is handed in", async () => {
    await using world = await emulated();
    world.emulator.clock.set(Date.now());
    const { tokenUrl } = world.emulator.naver;
    const { clientId, clientSecret } = world.emulator.naver.credentials;
    await using naver = createNaverCommerceAuth({ clientId, clientSecret, tokenUrl });
    expect(naver.peek()).toBeUndefined();
    const token = await naver.getToken();
    expect(await naver.getToken()).toBe(token);
    expect(naver.peek()).toBe(token);
    await naver.invalidate(token.id);
    expect(naver.peek()).toBeUndefined();
    expect(world.emulator.requestCount("naver.token")).toBe(1);
  });

  it("ends only the waiting of the caller who aborts", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    const controller = new AbortController();
    const aborted = naver.getToken({ signal: controller.signal });
    const other = naver.getToken();
    controller.abort(new Error("never mind"));
    await expect(aborted).rejects.toThrow("never mind");
    expect((await other).value).toBeTruthy();
    expect(world.emulator.requestCount("naver.token")).toBe(1);
  });

  it("case 9: a refused token costs one refused call, whatever its nominal expiry", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    const refused = await naver.getToken();
    world.life.pass(10 * SECOND);
    world.emulator.revoke("naver");
    expect(await world.callApi(refused)).toBe(401);
    const tokens = await Promise.all(Array.from({ length: 50 }, () => naver.getToken({ refusedTokenId: refused.id })));
    expect(new Set(tokens).size).toBe(1);
    expect(await world.callApi(await naver.getToken())).toBe(200);
    expect(world.emulator.requestCount("naver.token")).toBe(2);
  });

  it("says so where the refused token is all that Naver has to give, as with a missing permission", async () => {
    await using world = await emulated({ naver: { deniedRoutes: ["seller-account"] } });
    const naver = world.createAuth();
    const token = await naver.getToken();
    world.life.pass(10 * SECOND);
    expect(await world.callApi(token)).toBe(401);
    for (let call = 0; call < 20; call++) {
      const failure = await failureOf(naver.getToken({ refusedTokenId: token.id }));
      expect(failure).toMatchObject({ code: "token_refused", message: expect.stringContaining("permissions") });
    }
    expect(world.emulator.requestCount("naver.token")).toBe(2);
  });

  it("case 18: a thousand calls in a minute with a wrong secret make a handful of requests", async () => {
    await using world = await emulated();
    const naver = world.createAuth({ clientSecret: "$2a$04$wrongwrongwrongwrongwu" });
    const codes = new Set<string>();
    for (let call = 0; call < 1_000; call++) {
      codes.add((await failureOf(naver.getToken())).code);
      world.life.pass(MINUTE / 1_000);
    }
    expect(codes).toEqual(new Set(["invalid_credentials"]));
    expect(world.emulator.requestCount("naver.token")).toBeLessThanOrEqual(7);
  });

  it("goes by Retry-After where Naver limits token requests and says so", async () => {
    await using world = await emulated();
    const headers = { "Retry-After": "40" };
    world.emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.RATE_LIMIT", headers });
    const naver = world.createAuth();
    expect(await failureOf(naver.getToken())).toMatchObject({ code: "rate_limited", retryAfterMs: 40_000 });
    world.life.pass(39 * SECOND);
    await failureOf(naver.getToken());
    expect(world.emulator.requestCount("naver.token")).toBe(1);
    world.emulator.clearFaults();
    world.life.pass(SECOND);
    expect((await naver.getToken()).value).toBeTruthy();
  });

  it("case 17: a used up quota is no rate limit: it is not asked about again within its hour", async () => {
    await using world = await emulated();
    world.emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.QUOTA_LIMIT" });
    const naver = world.createAuth();
    for (let minute = 0; minute < 60; minute++) {
      const failure = await failureOf(naver.getToken());
      expect(failure).toMatchObject({ code: "quota_exhausted", providerStatus: 429, retryAfterMs: 60 * MINUTE });
      expect(failure.message).toMatch(/wrong form: look for other code/);
      world.life.pass(MINUTE - 1);
    }
    expect(world.emulator.requestCount("naver.token")).toBe(1);
    world.emulator.clearFaults();
    world.life.pass(SECOND);
    expect((await naver.getToken()).value).toBeTruthy();
  });
});

describe("case 10: the key", () => {
  const clientSecret = "$2a$04$abcdefghijklmnopqrstuv";
  const word = fc.constantFrom("one", "two", "one\u0000two", '"one"', 'one","two');
  const secret = fc.constantFrom(clientSecret, "$2b$04$abcdefghijklmnopqrstuv", "$2a$04$abcdefghijklmnopqrstuw");
  const url = fc.constantFrom("https://a.example/token", "https://a.example/partner/token", "https://b.example/token");
  const application = { clientId: word, clientSecret: secret, tokenUrl: url };
  const identity = fc.oneof(
    fc.record({ ...application, type: fc.constant("SELF" as const) }),
    fc.record({ ...application, type: fc.constant("SELLER" as const), accountId: word }),
  );
  const keyOf = (options: NaverCommerceAuthOptions) => createNaverCommerceAuth(options).source.key;

  it("differs where anything differs that the token depends on, and only there", () => {
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });

  it("is the same whether SELF is said or not", () => {
    expect(keyOf({ clientId: "id", clientSecret, type: "SELF" })).toBe(keyOf({ clientId: "id", clientSecret }));
  });

  it("names the provider and the host, and shows neither id nor secret nor account", () => {
    const key = keyOf({ clientId: "canary-id", clientSecret, type: "SELLER", accountId: "canary-account" });
    expect(key).toMatch(/^naver-commerce:https:\/\/api\.commerce\.naver\.com:[0-9a-f]{32}$/);
  });

  it("is another for a seller and for the application itself, and so is the token", async () => {
    await using world = await emulated({ naver: { accounts: ["one", "two"] } });
    const auths = [world.createAuth(), world.createSellerAuth("one"), world.createSellerAuth("two")];
    const tokens = await Promise.all(auths.map((auth) => auth.getToken()));
    expect(new Set(tokens.map(({ id }) => id)).size).toBe(3);
    expect(world.emulator.requestCount("naver.token")).toBe(3);
  });

  it("is another for a rotated secret, so that the old one's token is not handed out for it", async () => {
    const old = { clientId: "application", clientSecret };
    const rotated = { ...old, clientSecret: "$2a$04$ABCDEFGHIJKLMNOPQRSTUu" };
    await using world = await emulated({ naver: { applications: [old, rotated] } });
    await world.createAuth(old).getToken();
    await world.createAuth(rotated).getToken();
    expect(world.emulator.requestCount("naver.token")).toBe(2);
    await failureOf(world.createAuth({ ...old, clientSecret: "$2a$04$wrongwrongwrongwrongwu" }).getToken());
  });
});

describe("credentials in the environment", () => {
  it("are read when first needed, not when the client is made", async () => {
    await using world = await emulated();
    const { tokenUrl } = world.emulator.naver;
    const { clientId, clientSecret } = world.emulator.naver.credentials;
    const naver = createNaverCommerceAuth({ tokenUrl, cache: world.cache });

    const withoutKey = await failureOf(naver.getToken());
    expect(withoutKey).toMatchObject({ code: "invalid_options", provider: "naver-commerce" });
    expect(withoutKey.message).toContain("clientId");
    expect(withoutKey.message).toContain("NAVER_COMMERCE_CLIENT_ID");

    vi.stubEnv("NAVER_COMMERCE_CLIENT_ID", clientId);
    const withoutSecret = await failureOf(naver.getToken());
    expect(withoutSecret.message).toContain("clientSecret");
    expect(withoutSecret.message).toContain("NAVER_COMMERCE_CLIENT_SECRET");
    expect(world.emulator.requestCount("naver.token")).toBe(0);

    vi.stubEnv("NAVER_COMMERCE_CLIENT_SECRET", clientSecret);
    expect((await naver.getToken()).value).toBeTruthy();
  });

  it("are read once, so that the key of a token and its requests belong together", async () => {
    const FIRST = "$2a$04$firstfirstfirstfirstfu";
    await using world = await emulated({ naver: { applications: [{ clientId: "id", clientSecret: FIRST }] } });
    const naver = createNaverCommerceAuth({
      clientId: "id",
      tokenUrl: world.emulator.naver.tokenUrl,
      cache: world.cache,
    });
    vi.stubEnv("NAVER_COMMERCE_CLIENT_SECRET", FIRST);
    const { id } = await naver.getToken();
    vi.stubEnv("NAVER_COMMERCE_CLIENT_SECRET", "no secret at all");
    expect((await naver.getToken({ forceRefresh: true })).id).toBe(id);
  });

  it("give way to options", async () => {
    await using world = await emulated();
    vi.stubEnv("NAVER_COMMERCE_CLIENT_ID", "another-key");
    vi.stubEnv("NAVER_COMMERCE_CLIENT_SECRET", "$2a$04$anotheranotheranotheru");
    expect((await world.createAuth().getToken()).value).toBeTruthy();
  });

  it.each([
    ["", /NAVER_COMMERCE_CLIENT_SECRET is empty/],
    ["secret\n", /NAVER_COMMERCE_CLIENT_SECRET has white space/],
  ])("are checked: %j", async (secret, message) => {
    await using world = await emulated();
    vi.stubEnv("NAVER_COMMERCE_CLIENT_SECRET", secret);
    const failure = await failureOf(world.createAuth({ clientSecret: undefined }).getToken());
    expect(failure.code).toBe("invalid_options");
    expect(failure.message).toMatch(message);
    expect(world.emulator.requestCount("naver.token")).toBe(0);
  });

  it("have the seller's account among them, which SELF leaves alone", async () => {
    await using world = await emulated();
    const { tokenUrl, credentials } = world.emulator.naver;
    const { clientId, clientSecret, accountId } = credentials;
    const application = { clientId, clientSecret, tokenUrl, cache: world.cache };
    const seller = createNaverCommerceAuth({ ...application, type: "SELLER" });
    const failure = await failureOf(seller.getToken());
    expect(failure.message).toMatch(/option accountId, or set the environment variable NAVER_COMMERCE_ACCOUNT_ID/);

    vi.stubEnv("NAVER_COMMERCE_ACCOUNT_ID", accountId);
    await seller.getToken();
    await createNaverCommerceAuth(application).getToken();
    const accounts = world.emulator.journal.map(({ body }) =>
      body.parameters?.find(({ name }) => name === "account_id"),
    );
    expect(accounts).toEqual([{ name: "account_id", value: accountId }, undefined]);
  });
});

describe("the option", () => {
  it("fetch is called with a URL and an init, as any proxy's fetch understands, and its request arrives", async () => {
    await using world = await emulated();
    const fetch = vi.fn<typeof globalThis.fetch>((input, init) => globalThis.fetch(input, init));
    await world.createAuth({ fetch }).getToken();
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe(world.emulator.naver.tokenUrl);
    expect(init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(await new Response(init?.body).text()).toMatch(/^client_id=.+&grant_type=client_credentials&/);
    expect(world.emulator.requestCount("naver.token")).toBe(1);
  });

  it("timeoutMs ends a request that hangs", async () => {
    await using world = await emulated({ cache: { maxAttempts: 1 } });
    world.emulator.fault({ endpoint: "naver.token", kind: "hang" });
    const failure = failureOf(world.createAuth({ timeoutMs: 2_000 }).getToken());
    await expect.poll(() => world.emulator.requestCount("naver.token")).toBe(1);
    world.life.pass(2_000);
    expect(await failure).toMatchObject({ code: "timeout", retryable: true });
  });

  it("observer sees what happens to a token, by its id", async () => {
    await using world = await emulated();
    const { tokenUrl } = world.emulator.naver;
    const { clientId, clientSecret } = world.emulator.naver.credentials;
    const types: string[] = [];
    await using naver = createNaverCommerceAuth({
      clientId,
      clientSecret,
      tokenUrl,
      clock: new ManualClock({ startAt: world.clock.wall() }),
      observer: ({ type }) => types.push(type),
    });
    const { id } = await naver.getToken();
    await naver.getToken();
    await naver.invalidate(id);
    expect(types).toEqual(["flight_started", "clock_synced", "issued", "hit", "evicted"]);
  });

  it("cache is shared: two clients of one application have one token, two applications have two", async () => {
    await using world = await emulated({ naver: { applications: "any" } });
    const same = await Promise.all([world.createAuth().getToken(), world.createAuth().getToken()]);
    expect(new Set(same).size).toBe(1);
    const other = await world.createAuth({ clientId: "another-application" }).getToken();
    expect(other.id).not.toBe(same[0].id);
    expect(world.emulator.requestCount("naver.token")).toBe(2);
  });

  it("cache stays open when one of its clients is closed, a cache of one's own does not", async () => {
    await using world = await emulated();
    const { tokenUrl } = world.emulator.naver;
    const { clientId, clientSecret } = world.emulator.naver.credentials;
    const sharing = world.createAuth();
    await sharing.close();
    expect((await sharing.getToken()).value).toBeTruthy();

    const alone = createNaverCommerceAuth({ clientId, clientSecret, tokenUrl });
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
    world.emulator.fault({ endpoint: "naver.token", kind: "redirect", location: `${elsewhere.origin}/token`, status });
    expect(await failureOf(world.createAuth().getToken())).toMatchObject({
      code: "origin_not_allowed",
      retryable: false,
    });
    expect(elsewhere.connections).toBe(0);
    expect(world.emulator.requestCount("naver.token")).toBe(1);
  });

  it("would have carried the secret elsewhere with a plain fetch", async () => {
    await using elsewhere = await startRecorder((response) => response.end("{}"));
    await using world = await emulated();
    world.emulator.fault({ endpoint: "naver.token", kind: "redirect", location: elsewhere.origin, status: 307 });
    await fetch(world.emulator.naver.tokenUrl, { method: "POST", body: "client_secret=a-secret" });
    expect(elsewhere.requests[0]?.body).toBe("client_secret=a-secret");
  });
});

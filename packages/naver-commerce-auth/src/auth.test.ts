import { failureOf, MINUTE, SECOND } from "@x/testing/emulated-life";
import { describe, expect, it, vi } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "./index.ts";

describe("getToken", () => {
  it("fails with token_refused if a permission is missing: Naver returns the same token", async () => {
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

  it("case 17: after a used-up quota, no request is sent until its hour ends", async () => {
    await using world = await emulated();
    world.emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.QUOTA_LIMIT" });
    const naver = world.createAuth();
    const { retryAfterMs = 0 } = await failureOf(naver.getToken());
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(60 * MINUTE + 2 * SECOND);
    for (let passedMs = 0; passedMs < retryAfterMs - SECOND; passedMs += MINUTE) {
      const failure = await failureOf(naver.getToken());
      expect(failure).toMatchObject({ code: "quota_exhausted", providerStatus: 429, retryAfterMs });
      expect(failure.message).toMatch(/wrong form. Look for other code/);
      world.life.pass(Math.min(MINUTE, retryAfterMs - SECOND - passedMs));
    }
    expect(world.emulator.requestCount("naver.token")).toBe(1);
    world.emulator.clearFaults();
    world.life.pass(2 * SECOND);
    expect((await naver.getToken()).value).toBeTruthy();
  });
});

describe("case 10: the key", () => {
  const clientSecret = "$2a$04$abcdefghijklmnopqrstuv";
  const keyOf = (options: NaverCommerceAuthOptions) => createNaverCommerceAuth(options).source.key;

  it("is the same for SELF and for no type", () => {
    expect(keyOf({ clientId: "id", clientSecret, type: "SELF" })).toBe(keyOf({ clientId: "id", clientSecret }));
  });

  it("contains the provider and the host, and neither id nor secret nor account", () => {
    const key = keyOf({ clientId: "canary-id", clientSecret, type: "SELLER", accountId: "canary-account" });
    expect(key).toMatch(/^naver-commerce:https:\/\/api\.commerce\.naver\.com:[0-9a-f]{32}$/);
  });

  it("differs between a seller and the application itself, and so does the token", async () => {
    await using world = await emulated({ naver: { accounts: ["one", "two"] } });
    const auths = [world.createAuth(), world.createSellerAuth("one"), world.createSellerAuth("two")];
    const tokens = await Promise.all(auths.map((auth) => auth.getToken()));
    expect(new Set(tokens.map(({ id }) => id)).size).toBe(3);
    expect(world.emulator.requestCount("naver.token")).toBe(3);
  });
});

it("the seller's account is read from the environment for SELLER, and not for SELF", async () => {
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
  const accounts = world.emulator.journal.map(({ body }) => body.parameters?.find(({ name }) => name === "account_id"));
  expect(accounts).toEqual([{ name: "account_id", value: accountId }, undefined]);
});

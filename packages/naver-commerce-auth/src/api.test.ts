import { failureOf, MINUTE, SECOND } from "@x/testing/emulated-life";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createNaverCommerceAuth, NaverApiError, naverRateLimit, naverResult } from "./index.ts";

const ACCOUNT = "v1/seller/account";
/** ky waits in real time between its attempts. */
const AT_ONCE = { retry: { delay: () => 0 } };

async function called(options: Parameters<typeof emulated>[0] = {}) {
  const world = await emulated(options);
  const naver = world.createAuth();
  await naver.getToken();
  world.life.pass(5 * SECOND); // A token this old is known everywhere.
  return { ...world, naver, tokenRequests: () => world.emulator.requestCount("naver.token") };
}

const errorOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);

describe("naver.api and naver.fetch", () => {
  it("make the documents' calls as the application itself and as a seller, each with its own token", async () => {
    await using world = await called();
    const { naver, emulator, cache } = world;
    const { apiBaseUrl, tokenUrl, credentials } = emulator.naver;
    const { clientId, clientSecret, accountId } = credentials;
    const options = { clientId, clientSecret, tokenUrl, apiBaseUrl, cache };
    const seller = createNaverCommerceAuth({ ...options, type: "SELLER", accountId });
    const own = `own-shop-of-${clientId}`;
    for (let round = 0; round < 2; round++) {
      expect(await naverResult(naver.api.get(ACCOUNT))).toMatchObject({ accountId: own });
      expect(await naverResult(seller.api.get(ACCOUNT))).toMatchObject({ accountId });
    }
    expect(await naverResult(seller.fetch(`${apiBaseUrl}/${ACCOUNT}`))).toMatchObject({ accountId });
    const orders = { productOrderIds: ["2026111512345678"] };
    const query = naverResult(seller.api.post("v1/pay-order/seller/product-orders/query", { json: orders }));
    expect(await query).toMatchObject({ data: [{ productOrder: { accountId } }] });
    expect([world.tokenRequests(), emulator.issuedCount("naver")]).toEqual([2, 2]);
  });

  it.each([
    ["GW.IP_NOT_ALLOWED", 403],
    ["GW.AUTHZ", 403],
    ["GW.RATE_LIMIT", 429],
    ["GW.QUOTA_LIMIT", 429],
  ])("do not renew for %s, and send it once (case 17)", async (code, status) => {
    await using world = await called();
    world.emulator.fault({ endpoint: "naver.api", kind: "provider-error", code });
    const error = await errorOf(world.naver.api.get(ACCOUNT));
    expect(error).toBeInstanceOf(NaverApiError);
    expect(error).toMatchObject({
      code,
      providerStatus: status,
      isRateLimited: status === 429,
      traceId: expect.any(String),
    });
    expect((await world.naver.fetch(`${world.emulator.naver.apiBaseUrl}/${ACCOUNT}`)).status).toBe(status);
    expect([world.emulator.requestCount("naver.api"), world.tokenRequests()]).toEqual([2, 1]);
    expect(world.naver.peek()).toBeDefined();
  });

  it("renew after a 401 with GW.AUTHN only", async () => {
    await using world = await called();
    world.emulator.fault({ endpoint: "naver.api", kind: "html", status: 401, times: 1 });
    expect(await errorOf(world.naver.api.get(ACCOUNT))).toMatchObject({ providerStatus: 401, code: undefined });
    expect(world.tokenRequests()).toBe(1);
  });

  it("name a missing permission if the same token is returned again, and cause no request storm", async () => {
    await using world = await called({ naver: { deniedRoutes: ["seller-account"] } });
    const { naver, emulator } = world;
    const calls = Array.from({ length: 20 }, () => failureOf(naver.api.get(ACCOUNT)));
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: "token_refused", provider: "naver-commerce", retryable: false });
      expect(error.message).toMatch(/permission/);
    }
    for (let second = 0; second < 50; second++) {
      await failureOf(naver.fetch(`${emulator.naver.apiBaseUrl}/${ACCOUNT}`));
      world.life.pass(SECOND);
    }
    expect(world.tokenRequests()).toBe(2);
    // The token itself is good: calls of other routes still use it, and none waits for a renewal.
    await naverResult(naver.api.get("v2/products/channel-products/1"));
    expect(world.tokenRequests()).toBe(2);
    world.life.pass(10 * MINUTE);
    await failureOf(naver.api.get(ACCOUNT));
    expect(world.tokenRequests()).toBe(3);
  });

  it("end with a NaverApiError if a missing permission is answered with GW.AUTHZ", async () => {
    await using world = await called({ naver: { deniedRoutes: ["seller-account"], missingPermission: "GW.AUTHZ" } });
    expect(await errorOf(world.naver.api.get(ACCOUNT))).toMatchObject({ code: "GW.AUTHZ", providerStatus: 403 });
    expect(world.tokenRequests()).toBe(1);
  });

  it("show the rate limit, in successes and in errors", async () => {
    await using world = await called({ naver: { rateLimit: { replenishRate: 1, burstCapacity: 2 } } });
    const { headers } = await world.naver.api.get(ACCOUNT);
    expect(naverRateLimit(headers)).toMatchObject({ remaining: 1, replenishRate: 1, burstCapacity: 2 });
    await world.naver.api.get(ACCOUNT);
    expect(await errorOf(world.naver.api.get(ACCOUNT))).toMatchObject({
      code: "GW.RATE_LIMIT",
      isRateLimited: true,
      rateLimit: { remaining: 0, replenishRate: 1, burstCapacity: 2 },
    });
    expect(world.emulator.requestCount("naver.api")).toBe(3);
  });

  it("repeat a GET twice after a gateway timeout, and a POST never", async () => {
    await using world = await called();
    world.emulator.fault({ endpoint: "naver.api", kind: "provider-error", code: "GW.TIMEOUT.01" });
    expect(await errorOf(world.naver.api.get(ACCOUNT, AT_ONCE))).toMatchObject({
      code: "GW.TIMEOUT.01",
      providerStatus: 504,
    });
    expect(world.emulator.requestCount("naver.api")).toBe(3);
    await errorOf(world.naver.api.post("v1/pay-order/seller/product-orders/query", { json: {}, ...AT_ONCE }));
    expect([world.emulator.requestCount("naver.api"), world.tokenRequests()]).toEqual([4, 1]);
  });

  it("show the rejected inputs", async () => {
    await using world = await called();
    const query = world.naver.api.post("v1/pay-order/seller/product-orders/query", { json: {} });
    const invalidInputs = [expect.objectContaining({ name: "productOrderIds" })];
    expect(await errorOf(query)).toMatchObject({ providerStatus: 400, code: "BAD_REQUEST", invalidInputs });
  });
});

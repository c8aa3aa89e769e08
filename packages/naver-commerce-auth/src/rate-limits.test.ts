import { startEmulator } from "@x/commerce-auth-emulator";
import { TokenCache, type TokenEvent, type TokenStore } from "@x/token-cache-core";
import type { ApiAnswer } from "@x/token-cache-core/provider";
import { chaosStore, ManualClock, memoryStore } from "@x/token-cache-core/testing";
import { describe, expect, it, vi } from "vitest";
import { createNaverCommerceAuth, naverResult } from "./index.ts";
import { rateLimits } from "./rate-limits.ts";

type Emulator = Awaited<ReturnType<typeof startEmulator>>;

/** The headers name durations, or the server's own date. */
const clock = { wall: () => 0 };
const url = (path: string) => new URL(path, "https://api.commerce.naver.com/external/");

function answer(headers: Record<string, string>, body: unknown = {}, status = 200): ApiAnswer {
  return { method: "GET", status, headers: new Headers(headers), readJson: async () => body };
}

describe("the lane of a call", () => {
  it("is its method and route, with what may be a parameter left out", () => {
    const lane = (method: string, path: string) => rateLimits.laneOf({ method, url: url(path) });
    expect(lane("GET", "v2/products/channel-products/12").name).toBe("GET /external/v2/products/channel-products/{}");
    expect(lane("GET", "v2/products/channel-products/12")).toBe(lane("GET", "v2/products/channel-products/34?page=2"));
    expect(lane("PUT", "v2/products/channel-products/12")).not.toBe(lane("GET", "v2/products/channel-products/12"));
    expect(lane("GET", "v1/seller/account")).toMatchObject({ limit: { perSecond: 2 }, oneAtATime: false });
    expect(lane("POST", "v1/product-images/upload")).toMatchObject({ oneAtATime: true });
  });
});

describe("an answer", () => {
  it("tells the limit in its headers, and a halved rate as an early sign of the penalty", () => {
    const headers = { "GNCP-GW-RateLimit-Replenish-Rate": "2", "GNCP-GW-RateLimit-Burst-Capacity": "4" };
    const remaining = { "GNCP-GW-RateLimit-Remaining": "3" };
    const reading = rateLimits.read?.(answer({ ...headers, ...remaining }), clock);
    expect(reading).toEqual({ perSecond: 2, burst: 4, remaining: 3, closedForMs: undefined, warning: undefined });
    const halved = rateLimits.read?.(answer({ ...headers, "GNCP-GW-RateLimit-Replenish-Rate": "1" }), clock);
    expect(halved).toMatchObject({ perSecond: 1, warning: expect.stringContaining("wrong form") });
  });

  it.each([
    ["HOURS", "2026-11-21T05:20:00Z", 40 * 60_000],
    ["DAYS", "2026-11-21T05:20:00Z", (9 * 60 + 40) * 60_000],
    ["MINUTES", "2026-11-21T05:20:15Z", 45_000],
    ["AGES", "2026-11-21T05:20:00Z", 40 * 60_000],
  ])("with nothing left of a quota by %s closes until its period ends in Korea", (period, now, ms) => {
    const headers = { "gncp-gw-quota-period": period, "gncp-gw-quota-remaining": "0" };
    expect(rateLimits.read?.(answer(headers), { wall: () => Date.parse(now) })?.closedForMs).toBe(ms + 2_000);
    const byDate = { ...headers, date: new Date(now).toUTCString() };
    expect(rateLimits.read?.(answer(byDate), clock)?.closedForMs).toBe(ms + 2_000);
  });

  it.each([
    ["GW.RATE_LIMIT", true, false],
    ["GW.QUOTA_LIMIT", true, true],
    ["TOO_MANY_UPLOADS", false, false],
    [undefined, false, false],
  ])("with HTTP 429 and the code %s", async (code, isUnprocessed, isClosed) => {
    const refusal = await rateLimits.refusal(answer({}, { code }, 429), clock);
    expect(refusal?.isUnprocessed).toBe(isUnprocessed);
    expect(refusal?.closedForMs !== undefined).toBe(isClosed);
    expect(await rateLimits.refusal(answer({}, null, 429), clock)).toMatchObject({ isUnprocessed: false });
    expect(rateLimits.refusal(answer({}, { code }), clock)).toBeUndefined();
  });
});

it("case 15: the token request that follows a refused timestamp has a turn of its own", async () => {
  const clock = new ManualClock({ startAt: Date.UTC(2026, 10, 21, 5) });
  const headers = {
    date: new Date(clock.wall() - 600_000).toUTCString(),
    "gncp-gw-ratelimit-replenish-rate": "2",
    "gncp-gw-ratelimit-burst-capacity": "2",
    "gncp-gw-ratelimit-remaining": "1",
  };
  let sent = 0;
  const fetch = async () => {
    if (++sent > 1) return Response.json({ access_token: "token", expires_in: 10_800 });
    const message = "timestamp 항목은 현재 이전이어야 합니다.";
    return Response.json({ code: "BAD_REQUEST", message }, { status: 400, headers });
  };
  const clientSecret = "$2a$04$abcdefghijklmnopqrstuv";
  const naver = createNaverCommerceAuth({ clientId: "id", clientSecret, fetch, cache: new TokenCache({ clock }) });
  const token = naver.getToken();
  await vi.waitFor(() => expect(sent).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sent).toBe(1);
  clock.advance(500);
  expect((await token).value).toBe("token");
  expect(sent).toBe(2);
});

describe("over real sockets, at ten times the rate", { tags: ["slow"] }, () => {
  async function world(naver: NonNullable<Parameters<typeof startEmulator>[0]>["naver"]) {
    const emulator = await startEmulator({ naver: { accounts: "any", ...naver } });
    const events: TokenEvent[] = [];
    const cache = new TokenCache({ observer: (event) => events.push(event) });
    const { credentials, tokenUrl, apiBaseUrl } = emulator.naver;
    const { clientId, clientSecret } = credentials;
    const options = { clientId, clientSecret, tokenUrl, apiBaseUrl, cache };
    return {
      emulator,
      events,
      auth: createNaverCommerceAuth({ ...options, rateLimit: { maxWaitMs: 60_000 } }),
      impatient: createNaverCommerceAuth({ ...options, rateLimit: { maxWaitMs: 50 } }),
      seller: (accountId: string) => createNaverCommerceAuth({ ...options, type: "SELLER", accountId }),
      unlimited: createNaverCommerceAuth({ ...options, rateLimit: false }),
      async [Symbol.asyncDispose]() {
        await cache.close();
        await emulator.close();
      },
    };
  }

  it("case 60: calls keep the limit of the headers, by api and by fetch, and none is refused", async () => {
    await using it = await world({ rateLimit: { replenishRate: 20, burstCapacity: 20 } });
    const { apiBaseUrl } = it.emulator.naver;
    const calls = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0
        ? naverResult(it.auth.api.get("v1/seller/account"))
        : naverResult(it.auth.fetch(`${apiBaseUrl}/v1/seller/account`)),
    );
    await Promise.all(calls);
    expect(it.emulator.limitedCount("naver.api")).toBe(0);
    expect(it.events).toContainEqual(expect.objectContaining({ type: "limit_learnt", perSecond: 20, burst: 20 }));
  });

  it("would be refused without", async () => {
    await using it = await world({ rateLimit: { replenishRate: 20, burstCapacity: 20 } });
    const { apiBaseUrl } = it.emulator.naver;
    await Promise.all(Array.from({ length: 60 }, () => it.unlimited.fetch(`${apiBaseUrl}/v1/seller/account`)));
    expect(it.emulator.limitedCount("naver.api")).toBeGreaterThan(0);
  });

  it("case 62: a POST that the gateway refused is sent again", async () => {
    await using it = await world({});
    it.emulator.fault({ endpoint: "naver.api", kind: "provider-error", code: "GW.RATE_LIMIT", times: 1 });
    const json = { productOrderIds: ["1"] };
    await naverResult(it.auth.api.post("v1/pay-order/seller/product-orders/query", { json }));
    expect(it.emulator.requestCount("naver.api")).toBe(2);
  });

  it("case 63: an exhausted quota is one request, then one clear error", async () => {
    await using it = await world({ quota: { period: "HOURS", limit: 1 } });
    await naverResult(it.auth.api.get("v1/seller/account"));
    for (let call = 0; call < 5; call++) {
      await expect(it.impatient.api.get("v2/products/channel-products/7")).rejects.toMatchObject({
        code: "quota_exhausted",
        message: expect.stringContaining("No call is sent until its period ends"),
      });
    }
    expect(it.emulator.requestCount("naver.api")).toBe(1);
    expect(it.events.filter(({ type }) => type === "lanes_closed")).toHaveLength(1);
  });

  /** A call by each of some processes, which share a store. */
  function sharing({ emulator }: { emulator: Emulator }, store: TokenStore, processes: number) {
    const { credentials, tokenUrl, apiBaseUrl } = emulator.naver;
    const { clientId, clientSecret } = credentials;
    const caches = Array.from({ length: processes }, () => new TokenCache({ store, storeTimeoutMs: 5_000 }));
    const auths = caches.map((cache) =>
      createNaverCommerceAuth({
        clientId,
        clientSecret,
        tokenUrl,
        apiBaseUrl,
        cache,
        rateLimit: { maxWaitMs: 60_000 },
      }),
    );
    const end = () => Promise.all(caches.map((cache) => cache.close()));
    return { auths, end };
  }

  it("case 60: caches that share a store keep the limit together", async () => {
    await using it = await world({ rateLimit: { replenishRate: 20, burstCapacity: 20 } });
    const { auths, end } = sharing(it, memoryStore(), 4);
    const calls = auths.flatMap((auth) => Array.from({ length: 12 }, () => auth.api.get("v1/seller/account")));
    await Promise.all(calls.map((call) => naverResult(call)));
    expect(it.emulator.limitedCount("naver.api")).toBe(0);
    await end();
  });

  it("case 61: no call fails while another system spends half of the limit", async () => {
    await using it = await world({ rateLimit: { replenishRate: 40, burstCapacity: 40, otherCallsPerSecond: 20 } });
    await Promise.all(Array.from({ length: 60 }, () => naverResult(it.auth.api.get("v1/seller/account"))));
    expect(it.emulator.limitedCount("naver.api")).toBeLessThanOrEqual(6);
  });

  it("case 64: the uploads of a store account come one at a time, also between processes", async () => {
    await using it = await world({ uploadMs: 60 });
    const { auths, end } = sharing(it, memoryStore(), 2);
    const upload = (auth: (typeof auths)[number]) => {
      const body = new FormData();
      body.append("imageFiles", new Blob(["GIF89a"], { type: "image/gif" }), "a.gif");
      return auth.api.post("v1/product-images/upload", { body });
    };
    await Promise.all(auths.flatMap((auth) => [upload(auth), upload(auth)]));
    expect(it.emulator.limitedCount("naver.api")).toBe(0);
    await end();
  });

  it("case 67: no call fails when the store fails in the middle", async () => {
    await using it = await world({ rateLimit: { replenishRate: 40, burstCapacity: 40 } });
    const store = chaosStore(memoryStore());
    const { auths, end } = sharing(it, store, 2);
    const calls = auths.flatMap((auth) =>
      Array.from({ length: 20 }, () => naverResult(auth.api.get("v1/seller/account"))),
    );
    await calls[0];
    store.setChaos({ throws: 1 });
    await Promise.all(calls);
    await end();
  });

  it("token requests keep their limit too", async () => {
    await using it = await world({ tokenRateLimit: { replenishRate: 20, burstCapacity: 20 } });
    await Promise.all(Array.from({ length: 40 }, (_, index) => it.seller(`seller-${index}`).getToken()));
    expect(it.emulator.limitedCount("naver.token")).toBe(0);
    expect(it.emulator.requestCount("naver.token")).toBe(40);
  });

  it("case 63: a quota that is used up at the token endpoint stops the API calls too", async () => {
    await using it = await world({});
    await it.impatient.getToken();
    it.emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.QUOTA_LIMIT" });
    await expect(it.seller("seller-1").getToken()).rejects.toMatchObject({ code: "quota_exhausted" });
    await expect(it.seller("seller-2").getToken()).rejects.toMatchObject({ code: "quota_exhausted" });
    await expect(it.impatient.api.get("v1/seller/account")).rejects.toMatchObject({ code: "quota_exhausted" });
    expect([it.emulator.requestCount("naver.token"), it.emulator.requestCount("naver.api")]).toEqual([2, 0]);
    expect(it.events.filter(({ type }) => type === "lanes_closed")).toHaveLength(1);
  });

  it("a call that waits ends when the cache is closed", async () => {
    await using it = await world({ rateLimit: { replenishRate: 1, burstCapacity: 1 } });
    await naverResult(it.auth.api.get("v1/seller/account"));
    const waiting = expect(it.auth.api.get("v1/seller/account")).rejects.toMatchObject({ code: "closed" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await it.auth.cache.close();
    await waiting;
  });

  it("case 66: a call that would wait for too long is not sent", async () => {
    await using it = await world({ rateLimit: { replenishRate: 1, burstCapacity: 1 } });
    await naverResult(it.auth.api.get("v1/seller/account"));
    let isRead = false;
    const body = new ReadableStream(
      {
        pull(controller) {
          isRead = true;
          controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    await expect(it.impatient.api.get("v1/seller/account")).rejects.toMatchObject({ code: "rate_limited" });
    const route = `${it.emulator.naver.apiBaseUrl}/v1/pay-order/seller/product-orders/query`;
    await it.auth.fetch(route, { method: "POST", body: "{}" });
    const streamed = it.impatient.fetch(route, { method: "POST", body, duplex: "half" } as RequestInit);
    await expect(streamed).rejects.toMatchObject({ code: "rate_limited" });
    expect([isRead, it.emulator.requestCount("naver.api")]).toEqual([false, 2]);
  });
});

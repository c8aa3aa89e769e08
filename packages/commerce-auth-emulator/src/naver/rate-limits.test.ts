import { describe, expect, it } from "vitest";
import { askNaver, callNaver, getWith, HOUR, postForm, SECOND, startFrozen } from "../clients.test-support.ts";
import type { Emulator } from "../emulator.ts";

async function tokenOf(emulator: Emulator, changes = {}): Promise<string> {
  return (await askNaver(emulator, changes)).body.access_token;
}

/** Statuses of calls that come at the same moment. */
async function statuses(call: () => Promise<{ status: number }>, count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index += 1) seen.push((await call()).status);
  return seen;
}

function product(emulator: Emulator, token: string) {
  return getWith(token, `${emulator.naver.apiBaseUrl}/v2/products/channel-products/77`);
}

function upload(emulator: Emulator, token: string) {
  const url = `${emulator.naver.apiBaseUrl}/v1/product-images/upload`;
  return postForm(url, { imageFiles: "bytes" }, { Authorization: `Bearer ${token}` });
}

describe("Naver's rate limit", () => {
  it("allows an application of one's own store 2 calls per second and API, as documented", async () => {
    await using emulator = await startFrozen({ naver: { rateLimit: "documented" } });
    const token = await tokenOf(emulator);
    expect(await statuses(() => callNaver(emulator, token), 3)).toEqual([200, 200, 429]);
    expect(await statuses(() => product(emulator, token), 3)).toEqual([200, 200, 429]);
    emulator.clock.advance(SECOND / 2);
    expect(await statuses(() => callNaver(emulator, token), 2)).toEqual([200, 429]);
  });

  it("has one bucket for all sellers of an application, or one for each, by the switch", async () => {
    for (const [countedBy, expected] of [
      ["application", 429],
      ["account", 200],
    ] as const) {
      const rateLimit = { replenishRate: 1, countedBy };
      await using emulator = await startFrozen({ naver: { accounts: "any", rateLimit } });
      const [one, two] = [
        await tokenOf(emulator, { type: "SELLER", account_id: "one" }),
        await tokenOf(emulator, { type: "SELLER", account_id: "two" }),
      ];
      expect((await callNaver(emulator, one)).status).toBe(200);
      expect((await callNaver(emulator, two)).status).toBe(expected);
    }
  });

  it("refuses by a hidden tier although its headers show remaining calls", async () => {
    const rateLimit = { replenishRate: 10, hiddenCallsPerSecond: 3 };
    await using emulator = await startFrozen({ naver: { rateLimit } });
    const token = await tokenOf(emulator);
    expect(await statuses(() => callNaver(emulator, token), 2)).toEqual([200, 200]);
    expect((await product(emulator, token)).status).toBe(200);
    const refused = await product(emulator, token);
    expect(refused).toMatchObject({ status: 429, body: { code: "GW.RATE_LIMIT" } });
    expect(Number(refused.headers.get("gncp-gw-ratelimit-remaining"))).toBeGreaterThan(0);
    expect(emulator.journal.at(-1)?.limitedBy).toBe("hidden-rate");
    emulator.clock.advance(SECOND);
    expect((await product(emulator, token)).status).toBe(200);
  });

  it("is spent by another system too", async () => {
    const rateLimit = { replenishRate: 2, otherCallsPerSecond: 1 };
    await using emulator = await startFrozen({ naver: { rateLimit } });
    const token = await tokenOf(emulator);
    let allowed = 0;
    for (let call = 0; call < 100; call += 1) {
      emulator.clock.advance(SECOND / 2);
      if ((await callNaver(emulator, token)).status === 200) allowed += 1;
    }
    expect(allowed).toBeGreaterThan(45);
    expect(allowed).toBeLessThan(55);
    expect(emulator.limitedCount("naver.api")).toBe(100 - allowed);
  });

  it("refuses a call before the API processes it", async () => {
    await using emulator = await startFrozen({ naver: { rateLimit: { replenishRate: 1 }, uploadMs: 1000 } });
    const token = await tokenOf(emulator);
    const running = upload(emulator, token);
    await expect.poll(() => emulator.journal.length, { interval: 2 }).toBe(2);
    expect((await upload(emulator, token)).body.code).toBe("GW.RATE_LIMIT");
    emulator.clock.advance(SECOND);
    expect((await running).status).toBe(200);
  });

  it("limits token requests per application too, by the switch", async () => {
    const tokenRateLimit = { replenishRate: 2, burstCapacity: 2 };
    await using emulator = await startFrozen({ naver: { accounts: "any", tokenRateLimit } });
    const ask = (account_id: string) => askNaver(emulator, { type: "SELLER", account_id });
    expect((await ask("one")).headers.get("gncp-gw-ratelimit-remaining")).toBe("1");
    expect((await ask("two")).status).toBe(200);
    expect(await ask("three")).toMatchObject({ status: 429, body: { code: "GW.RATE_LIMIT" } });
    expect([emulator.issuedCount("naver"), emulator.limitedCount("naver.token")]).toEqual([2, 1]);
    emulator.clock.advance(SECOND);
    expect((await ask("three")).status).toBe(200);
  });

  it("runs at ten times the rate with a clock of that speed", async () => {
    const clock = { speed: 10 };
    await using emulator = await startFrozen({ clock, naver: { rateLimit: { replenishRate: 2, burstCapacity: 1 } } });
    const token = await tokenOf(emulator);
    const startedAt = emulator.clock.now();
    await expect.poll(async () => (await callNaver(emulator, token)).status, { interval: 5 }).toBe(200);
    await expect.poll(async () => (await callNaver(emulator, token)).status, { interval: 5 }).toBe(200);
    const answered = emulator.journal.filter(({ endpoint, status }) => endpoint === "naver.api" && status === 200);
    expect(answered).toHaveLength(2);
    expect(Number(answered[1]?.at) - startedAt).toBeGreaterThanOrEqual(500);
  });

  it("is full again after a reset", async () => {
    await using emulator = await startFrozen({ naver: { rateLimit: "documented" } });
    expect(await statuses(async () => callNaver(emulator, await tokenOf(emulator)), 3)).toEqual([200, 200, 429]);
    emulator.reset();
    expect(emulator.limitedCount("naver.api")).toBe(0);
    expect((await callNaver(emulator, await tokenOf(emulator))).status).toBe(200);
  });
});

describe("Naver's quota", () => {
  it("counts over all APIs of an application, and is in the headers", async () => {
    await using emulator = await startFrozen({ naver: { quota: { period: "HOURS", limit: 2 } } });
    const token = await tokenOf(emulator);
    const { headers } = await callNaver(emulator, token);
    const quota = ["period", "limit", "remaining"].map((name) => headers.get(`gncp-gw-quota-${name}`));
    expect(quota).toEqual(["HOURS", "2", "1"]);
    expect((await product(emulator, token)).status).toBe(200);
    expect(await product(emulator, token)).toMatchObject({ status: 429, body: { code: "GW.QUOTA_LIMIT" } });
    expect(emulator.journal.at(-1)?.limitedBy).toBe("quota");
  });

  it("starts again with the hour, or an hour after each call, by the switch", async () => {
    for (const [quotaWindow, expected] of [
      ["fixed", 200],
      ["sliding", 429],
    ] as const) {
      await using emulator = await startFrozen({ naver: { quota: { period: "HOURS", limit: 1 }, quotaWindow } });
      const token = await tokenOf(emulator);
      await callNaver(emulator, token);
      emulator.clock.advance(HOUR / 2);
      expect((await callNaver(emulator, token)).status).toBe(expected);
    }
  });
});

describe("Naver's image upload", () => {
  it("answers 429 to a second upload of the same store while one runs, and to no other store's", async () => {
    await using emulator = await startFrozen({ naver: { accounts: "any", uploadMs: 3000 } });
    const one = await tokenOf(emulator, { type: "SELLER", account_id: "one" });
    const two = await tokenOf(emulator, { type: "SELLER", account_id: "two" });
    const running = upload(emulator, one);
    await expect.poll(() => emulator.journal.length, { interval: 2 }).toBe(3);
    const refused = await upload(emulator, one);
    expect(refused).toMatchObject({ status: 429, body: { message: "이전 요청이 진행중입니다." } });
    expect(emulator.journal.at(-1)?.limitedBy).toBe("concurrency");
    const others = upload(emulator, two);
    await expect.poll(() => emulator.journal.length, { interval: 2 }).toBe(5);
    emulator.clock.advance(3000);
    expect([(await running).status, (await others).status]).toEqual([200, 200]);
  });

  it("takes uploads one after another", async () => {
    await using emulator = await startFrozen();
    const token = await tokenOf(emulator);
    expect(await statuses(() => upload(emulator, token), 3)).toEqual([200, 200, 200]);
  });

  it("ends an upload that runs when the emulator closes, and does not hold a new one after a reset", async () => {
    await using emulator = await startFrozen({ naver: { uploadMs: 60_000 } });
    const lost = upload(emulator, await tokenOf(emulator)).catch(() => "lost");
    await expect.poll(() => emulator.journal.length, { interval: 2 }).toBe(2);
    emulator.reset();
    const again = upload(emulator, await tokenOf(emulator)).catch(() => "lost");
    await expect.poll(() => emulator.journal.length, { interval: 2 }).toBe(2);
    expect(emulator.journal.at(-1)?.limitedBy).toBeUndefined();
    await emulator.close();
    expect([await lost, await again]).toEqual(["lost", "lost"]);
  });
});

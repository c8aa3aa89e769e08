import { startEmulator } from "@x/commerce-auth-emulator";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createShop } from "./shop.js";

describe("the shop", () => {
  let emulator;
  let shop;

  beforeEach(async () => {
    emulator = await startEmulator();
    // The client talks to the emulator, with made-up credentials.
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", emulator.origin);
    shop = createShop();
  });
  afterEach(async () => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
    await shop.close();
    await emulator.close();
  });

  test("requests one token for many calls", async () => {
    const ids = await Promise.all([shop.accountId(), shop.accountId(), shop.accountId()]);
    expect(new Set(ids).size).toBe(1);
    expect(emulator.requestCount("naver.token")).toBe(1);
  });

  test("works after three hours, when the token has expired", async () => {
    const id = await shop.accountId();
    // The date is enough. Node's fetch needs a real setImmediate: with a fake one a second request waits for seconds.
    vi.useFakeTimers({ now: Date.now() + 3 * 60 * 60_000, toFake: ["Date"] });
    expect(await shop.accountId()).toBe(id);
    expect(emulator.requestCount("naver.token")).toBe(2);
  });

  test("survives a token that Naver has revoked", async () => {
    await shop.accountId();
    emulator.revoke("naver");
    expect(await shop.accountId()).toBeTruthy();
  });

  test("says what is wrong if Naver does not allow the address", async () => {
    emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.IP_NOT_ALLOWED" });
    await expect(shop.accountId()).rejects.toMatchObject({ code: "ip_not_allowed", retryable: false });
  });
});

import { type Emulator, startEmulator } from "@x/commerce-auth-emulator";
import { createShop } from "./shop";

describe("the shop", () => {
  let emulator: Emulator;
  let shop: ReturnType<typeof createShop>;

  beforeEach(async () => {
    emulator = await startEmulator();
    // The client talks to the emulator, with made-up credentials.
    process.env.COMMERCE_AUTH_EMULATOR = emulator.origin;
    shop = createShop();
  });
  afterEach(async () => {
    jest.useRealTimers();
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
    jest.useFakeTimers({ now: Date.now() + 3 * 60 * 60_000 });
    expect(await shop.accountId()).toBe(id);
    expect(emulator.requestCount("naver.token")).toBeGreaterThan(1);
  });
});

import { failureOf, SECOND } from "@x/testing/emulated-life";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { IamportApiError, iamportResult } from "./index.ts";

const IMP_UID = "imp_448280090638";
const PAYMENT = `payments/${IMP_UID}`;

async function called(options: Parameters<typeof emulated>[0] & { tier?: string } = {}) {
  const { tier, ...rest } = options;
  const world = await emulated(rest);
  const iamport = world.createAuth({ tier });
  await iamport.getToken();
  world.life.pass(5 * SECOND); // A token this old is known everywhere.
  return { ...world, iamport, tokenRequests: () => world.emulator.requestCount("iamport.token") };
}

const errorOf = (call: Promise<unknown>) => call.catch((error: unknown) => error);

describe("iamport.api and iamport.fetch", () => {
  it("make the documents' first call: a payment by its imp_uid", async () => {
    await using world = await called();
    const { iamport, emulator } = world;
    const payment = await iamportResult(iamport.api.get(PAYMENT));
    expect(payment).toMatchObject({ imp_uid: IMP_UID, status: "paid" });
    expect(await iamportResult(iamport.fetch(`${emulator.iamport.apiBaseUrl}/${PAYMENT}`))).toEqual(payment);
    expect(emulator.journal.map(({ headers }) => headers["tier"])).toEqual([undefined, undefined, undefined]);
    expect(world.tokenRequests()).toBe(1);
  });

  it("send the merchant's Tier, from the option or per call", async () => {
    await using world = await called({ tier: "shop-1", iamport: { tiers: ["shop-1", "shop-2"] } });
    const { iamport, emulator } = world;
    await iamportResult(iamport.api.get(PAYMENT));
    await iamportResult(iamport.api.get(PAYMENT, { headers: { Tier: "shop-2" } }));
    await iamportResult(iamport.fetch(`${emulator.iamport.apiBaseUrl}/${PAYMENT}`, { headers: { tier: "shop-2" } }));
    const tiers = emulator.journal.map(({ endpoint, headers }) => [endpoint, headers["tier"]]);
    expect(tiers).toEqual([
      ["iamport.token", undefined],
      ["iamport.api", "shop-1"],
      ["iamport.api", "shop-2"],
      ["iamport.api", "shop-2"],
    ]);
    const error = await errorOf(iamportResult(iamport.api.get(PAYMENT, { headers: { Tier: "shop-3" } })));
    expect(error).toMatchObject({ name: "IamportApiError", providerStatus: 403, code: -1 });
    expect(world.tokenRequests()).toBe(1);
  });

  it("send a POST again whole after a refusal", async () => {
    await using world = await called();
    world.emulator.revoke("iamport");
    const json = { merchant_uid: "order_1", amount: 1000 };
    expect(await iamportResult(world.iamport.api.post("payments/prepare", { json }))).toMatchObject(json);
    const [refused, accepted] = world.emulator.journal.filter(({ endpoint }) => endpoint === "iamport.api");
    expect([refused?.status, accepted?.status]).toEqual([401, 200]);
    expect(accepted?.body.sha256).toBe(refused?.body.sha256);

    const again = await errorOf(iamportResult(world.iamport.api.post("payments/prepare", { json })));
    expect(again).toMatchObject({ name: "IamportApiError", providerStatus: 200, code: 1, reason: expect.any(String) });
  });

  it("end with token_refused if the same token is returned again, and send no token request for a minute", async () => {
    await using world = await called();
    world.emulator.revoke("iamport", undefined, { reissue: "same-token" });
    for (let nth = 0; nth < 20; nth++) {
      const error = await failureOf(world.iamport.api.get(PAYMENT));
      expect(error).toMatchObject({ code: "token_refused", provider: "iamport" });
      world.life.pass(SECOND);
    }
    expect(world.tokenRequests()).toBe(2);
  });

  it.each([
    [
      "404",
      { kind: "provider-error", status: 404, message: "없음" },
      { providerStatus: 404, code: -1, reason: "없음" },
    ],
    [
      "429",
      { kind: "status", status: 429, headers: { "Retry-After": "2" } },
      { isRateLimited: true, retryAfterMs: 2_000 },
    ],
    ["HTML", { kind: "html", status: 403 }, { providerStatus: 403, code: undefined }],
    ["an empty 200", { kind: "empty" }, { providerStatus: 200, code: undefined }],
  ] as const)("end with an IamportApiError, one request and no renewal: %s", async (_, fault, seen) => {
    await using world = await called();
    world.emulator.fault({ endpoint: "iamport.api", ...fault });
    const error = await errorOf(iamportResult(world.iamport.api.get(PAYMENT)));
    expect(error).toBeInstanceOf(IamportApiError);
    expect(error).toMatchObject(seen);
    expect([world.emulator.requestCount("iamport.api"), world.tokenRequests()]).toEqual([1, 1]);
  });
});

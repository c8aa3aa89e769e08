import { DAY, HOUR, MINUTE, requestsPerStep, SECOND } from "@x/testing/emulated-life";
import { useSteadily } from "@x/testing/provider/lifetimes";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";

describe("a day of steady use", () => {
  it.each(["remaining", "full"] as const)("brings a new token with each request (expires_in: %s)", async (rule) => {
    await using world = await emulated({ naver: { expiresInOnReturn: rule } });
    await useSteadily(world, { forMs: DAY, everyMs: MINUTE, stepsPerApiCall: 5 });
    const { emulator } = world;
    expect(emulator.requestCount("naver.token")).toBe(emulator.issuedCount("naver"));
    expect(emulator.requestCount("naver.token")).toBeGreaterThanOrEqual(9);
    expect(emulator.requestCount("naver.token")).toBeLessThanOrEqual(10);
    expect(world.life.seen("flight_started").filter(({ background }) => !background)).toHaveLength(1);
  });
});

it("the old token stays valid after a renewal", async () => {
  await using world = await emulated();
  const naver = world.createAuth();
  const old = await naver.getToken();
  world.life.pass(175 * MINUTE);
  expect(await naver.getToken()).toBe(old);
  await world.life.settled();
  const renewed = await naver.getToken();
  expect(renewed.id).not.toBe(old.id);
  expect([await world.callApi(old), await world.callApi(renewed)]).toEqual([200, 200]);
});

describe("case 3: asking while 30 minutes or more remain", () => {
  it.each(["remaining", "full"] as const)(
    "brings the same token, whose expiry does not move (expires_in: %s)",
    async (rule) => {
      await using world = await emulated({ naver: { expiresInOnReturn: rule } });
      const naver = world.createAuth();
      const first = await naver.getToken();
      for (let hour = 1; hour <= 2; hour++) {
        world.life.pass(HOUR);
        const again = await naver.getToken({ forceRefresh: true });
        expect(again.id).toBe(first.id);
        expect(again.expiresAt).toBeLessThanOrEqual(first.expiresAt);
        expect(again.expiresAt).toBeGreaterThan(first.expiresAt - 3 * SECOND);
      }
      expect(world.life.seen("unchanged")).toHaveLength(2);
      world.life.pass(31 * MINUTE);
      expect((await naver.getToken({ forceRefresh: true })).id).not.toBe(first.id);
    },
  );

  it("does not happen by itself", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    for (let minute = 0; minute <= 150; minute++) {
      await naver.getToken();
      await world.life.settled();
      world.life.pass(MINUTE - 1);
    }
    expect(world.emulator.requestCount("naver.token")).toBe(1);
  });
});

it("case 4: a token that expired by the client's clock alone is accepted once, without a loop", async () => {
  await using world = await emulated();
  const naver = world.createAuth();
  const { id } = await naver.getToken();
  world.life.pass(HOUR);
  world.clock.stepWall(3 * HOUR);
  for (let call = 0; call < 100; call++) expect((await naver.getToken()).id).toBe(id);
  await world.life.settled();
  expect(world.emulator.requestCount("naver.token")).toBeLessThanOrEqual(3);
  expect(await world.callApi(await naver.getToken())).toBe(200);
});

it("case 25: jitter spreads the renewals of a hundred tokens of one minute over twenty minutes, inside Naver's re-issue window", async () => {
  await using world = await emulated({ naver: { accounts: "any" } });
  const sellers = Array.from({ length: 100 }, (_, index) => world.createSellerAuth(`seller-${index}`));
  await Promise.all(sellers.map((seller) => seller.getToken()));
  world.life.pass(151 * MINUTE);
  const perMinute = await requestsPerStep(world, sellers, { endpoint: "naver.token", stepMs: MINUTE, total: 200 });
  expect(Math.max(...perMinute)).toBeLessThan(22);
  expect(perMinute.length).toBeGreaterThan(15);
  expect(perMinute.length).toBeLessThan(29);
  expect(world.emulator.issuedCount("naver")).toBe(200);
});

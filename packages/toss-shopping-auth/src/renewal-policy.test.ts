import { DAY, HOUR, MINUTE, requestsPerStep, SECOND } from "@x/testing/emulated-life";
import { useSteadily } from "@x/testing/provider/lifetimes";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";

describe("a day of steady use", () => {
  it("brings a new token every half hour to hour, and no request in between", { tags: ["slow"] }, async () => {
    await using world = await emulated();
    await useSteadily(world, { forMs: DAY, everyMs: MINUTE, stepsPerApiCall: 1 });
    const { emulator } = world;
    expect(emulator.requestCount("toss.token")).toBe(emulator.issuedCount("toss"));
    expect(emulator.requestCount("toss.token")).toBeGreaterThanOrEqual(24);
    expect(emulator.requestCount("toss.token")).toBeLessThanOrEqual(49);
    expect(world.life.seen("flight_started").filter(({ background }) => !background)).toHaveLength(1);
  });

  it("case 3: costs a handful of requests per token if Toss returns the same one until it expires", {
    tags: ["slow"],
  }, async () => {
    await using world = await emulated({ toss: { reissue: "same-token" } });
    await useSteadily(world, { forMs: DAY, everyMs: MINUTE, stepsPerApiCall: 1 });
    const { emulator } = world;
    expect(emulator.issuedCount("toss")).toBeLessThanOrEqual(26);
    expect(emulator.requestCount("toss.token") / emulator.issuedCount("toss")).toBeLessThanOrEqual(8);
  });

  it("has no refused call if a new token ends the earlier one", async () => {
    await using world = await emulated({ toss: { previousToken: "dies" } });
    await useSteadily(world, { forMs: 6 * HOUR, everyMs: MINUTE, stepsPerApiCall: 1 });
    expect(world.emulator.issuedCount("toss")).toBeGreaterThan(5);
  });
});

it("a token of a year costs two requests: no timer overflows", async () => {
  await using world = await emulated({ toss: { lifetimeSeconds: 31_535_999 } });
  await useSteadily(world, { forMs: 364 * DAY, everyMs: 7 * DAY, stepsPerApiCall: 1 });
  expect(world.emulator.requestCount("toss.token")).toBe(2);
  expect(world.clock.pendingTimers).toBe(0);
});

it.each([1, 30, 60, 61, 300, 3599])(
  "case 12: a lifetime of %i s causes no request storm if the same token is returned again",
  async (seconds) => {
    await using world = await emulated({ toss: { lifetimeSeconds: seconds, reissue: "same-token" } });
    const toss = world.createAuth();
    const everyMs = (seconds * SECOND) / 64;
    for (let passedMs = 0; passedMs < seconds * SECOND; passedMs += everyMs) {
      const token = await toss.getToken();
      expect(token.expiresAt).toBeGreaterThan(world.clock.wall());
      await world.life.settled();
      world.life.pass(everyMs);
    }
    expect(world.emulator.requestCount("toss.token")).toBeLessThanOrEqual(14);
  },
);

it("case 25: jitter spreads the renewals of a hundred tokens of one minute over half an hour", async () => {
  await using world = await emulated({ toss: { sellers: "any" } });
  const sellers = Array.from({ length: 100 }, (_, index) => world.createAuth({ accessKey: `seller-${index}` }));
  await Promise.all(sellers.map((seller) => seller.getToken()));
  const perMinute = await requestsPerStep(world, sellers, { endpoint: "toss.token", stepMs: MINUTE, total: 200 });
  expect(Math.max(...perMinute)).toBeLessThan(20);
  expect(perMinute.findIndex((count) => count > 0)).toBeGreaterThanOrEqual(28);
  expect(perMinute.length).toBeLessThan(60);
});

it("case 4: a token that expired by the client's clock alone is accepted when it is returned again", async () => {
  await using world = await emulated({ toss: { reissue: "same-token" } });
  const toss = world.createAuth();
  const { id } = await toss.getToken();
  world.clock.stepWall(HOUR);
  for (let call = 0; call < 100; call++) expect((await toss.getToken()).id).toBe(id);
  await world.life.settled();
  expect(world.emulator.requestCount("toss.token")).toBe(2);
  expect(await world.callApi(await toss.getToken())).toBe(200);
});

import { DAY, HOUR, MINUTE, requestsPerStep, SECOND } from "@x/testing/emulated-life";
import { useSteadily } from "@x/testing/provider/lifetimes";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";

type World = Awaited<ReturnType<typeof emulated>>;

/** How long before the known expiry each request came, but for the first. */
function leadsMs({ life, emulator }: World): number[] {
  const expiries = [...life.events].flatMap((event) =>
    event.type === "issued" || event.type === "unchanged" ? [event.expiresAt] : [],
  );
  return emulator.journal
    .filter(({ endpoint }) => endpoint === "iamport.token")
    .slice(1)
    .map(({ at }, index) => (expiries[index] ?? 0) - at);
}

describe("a day of steady use", () => {
  it("extends one token every five minutes if iamport extends repeatedly, and sends no request earlier", async () => {
    await using world = await emulated({ iamport: { extension: "repeats" } });
    await useSteadily(world, { forMs: DAY, everyMs: 10 * SECOND, stepsPerApiCall: 25 });
    const { emulator } = world;
    expect(emulator.issuedCount("iamport")).toBe(1);
    expect(emulator.requestCount("iamport.token")).toBeGreaterThan(270);
    expect(emulator.requestCount("iamport.token")).toBeLessThanOrEqual(290);
    expect(Math.max(...leadsMs(world))).toBeLessThan(MINUTE);
  });

  it("case 3: costs a handful of requests per token if iamport extends once", async () => {
    await using world = await emulated({ iamport: { extension: "once" } });
    await useSteadily(world, { forMs: DAY, everyMs: 10 * SECOND, stepsPerApiCall: 25 });
    const { emulator } = world;
    expect(emulator.issuedCount("iamport")).toBeGreaterThanOrEqual(40);
    expect(emulator.issuedCount("iamport")).toBeLessThanOrEqual(43);
    expect(emulator.requestCount("iamport.token") / emulator.issuedCount("iamport")).toBeLessThanOrEqual(7);
    expect(Math.max(...leadsMs(world))).toBeLessThan(MINUTE);
  });
});

it("an extended token is the same one with a later expiry, and nobody waits for another", async () => {
  await using world = await emulated();
  const iamport = world.createAuth();
  const first = await iamport.getToken();
  world.life.pass(1_780 * SECOND);
  expect(await iamport.getToken()).toBe(first);
  await world.life.settled();
  const extended = await iamport.getToken();
  expect(extended.id).toBe(first.id);
  expect(extended.expiresAt - first.expiresAt).toBe(5 * MINUTE);
  expect(world.life.seen("unchanged")).toHaveLength(1);
});

it("a forced refresh before the last minute returns the same token with the same expiry", async () => {
  await using world = await emulated();
  const iamport = world.createAuth();
  const first = await iamport.getToken();
  world.life.pass(20 * MINUTE);
  const again = await iamport.getToken({ forceRefresh: true });
  expect(again.id).toBe(first.id);
  expect(Math.abs(again.expiresAt - first.expiresAt)).toBeLessThan(1_000);
});

describe("case 4: the client's clock runs ahead and the same token comes again", () => {
  it.each(["repeats", "once"] as const)(
    "extension %s: it is accepted, and a hundred calls start no loop",
    async (rule) => {
      await using world = await emulated({ iamport: { extension: rule } });
      const iamport = world.createAuth();
      const { id } = await iamport.getToken();
      world.life.pass(1_750 * SECOND);
      world.clock.advance(49 * SECOND);
      for (let call = 0; call < 100; call++) expect((await iamport.getToken()).id).toBe(id);
      await world.life.settled();
      expect(world.emulator.requestCount("iamport.token")).toBe(2);
      expect(await world.callApi(await iamport.getToken())).toBe(200);
    },
  );

  it("a token with no time left is requested again a second later", async () => {
    await using world = await emulated();
    world.emulator.fault({ endpoint: "iamport.token", kind: "expires-in", value: 0, times: 1 });
    expect((await world.createAuth().getToken()).value).toBeTruthy();
    expect(world.life.seen("attempt_failed")).toMatchObject([{ code: "invalid_response", retryInMs: 1_000 }]);
  });
});

it.each([-10, -3, 0, 3, 10])("case 13: a client's clock that is %i minutes off changes nothing", async (minutes) => {
  await using world = await emulated({ clientAheadMs: minutes * MINUTE });
  await useSteadily(world, { forMs: HOUR, everyMs: 10 * SECOND, stepsPerApiCall: 25 });
  expect(world.emulator.issuedCount("iamport")).toBe(1);
  expect(world.emulator.requestCount("iamport.token")).toBeLessThanOrEqual(8);
  const { offset } = world.life.seen("clock_synced")[0] ?? {};
  expect(offset?.lowerMs).toBeLessThanOrEqual(-minutes * MINUTE);
  expect(offset?.upperMs).toBeGreaterThanOrEqual(-minutes * MINUTE);
  expect((offset?.upperMs ?? 0) - (offset?.lowerMs ?? 0)).toBeLessThanOrEqual(1_000);
});

it("iamport's time is read from the response's body if there is no Date header", async () => {
  await using world = await emulated({ clientAheadMs: 10 * MINUTE, dateHeader: false });
  await world.createAuth().getToken();
  const { offset } = world.life.seen("clock_synced")[0] ?? {};
  expect(offset?.lowerMs).toBeLessThanOrEqual(-10 * MINUTE);
  expect(offset?.upperMs).toBeGreaterThanOrEqual(-10 * MINUTE);
});

it("case 25: jitter spreads the extensions of a hundred tokens of one second over half a minute", async () => {
  await using world = await emulated({ iamport: { accounts: "any" } });
  const merchants = Array.from({ length: 100 }, (_, index) => world.createAuth({ impKey: `merchant-${index}` }));
  await Promise.all(merchants.map((merchant) => merchant.getToken()));
  world.life.pass(1_749 * SECOND);
  const perSecond = await requestsPerStep(world, merchants, { endpoint: "iamport.token", stepMs: SECOND, total: 200 });
  expect(Math.max(...perSecond)).toBeLessThan(20);
  expect(perSecond.length).toBeGreaterThan(20);
  expect(perSecond.length).toBeLessThan(45);
});

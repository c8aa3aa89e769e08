import { describe, expect, it } from "vitest";
import { DAY, emulated, failureOf, HOUR, MINUTE, SECOND } from "./emulated.test-support.ts";

type World = Awaited<ReturnType<typeof emulated>>;

/** Uses the token at a steady pace; now and then the API is asked whether it is as good as the client thinks. */
async function live(world: World, { forMs, everyMs }: { forMs: number; everyMs: number }) {
  const naver = world.createAuth();
  for (let step = 0; step * everyMs <= forMs; step++) {
    const token = await naver.getToken();
    expect(token.expiresAt).toBeGreaterThan(world.clock.wall());
    await world.life.settled();
    if (step % 5 === 0) expect(await world.callApi(await naver.getToken())).toBe(200);
    world.life.pass(everyMs);
  }
}

describe("a day of steady use", () => {
  it.each(["remaining", "full"] as const)(
    "brings a new token per request, none in vain (expires_in: %s)",
    async (rule) => {
      await using world = await emulated({ naver: { expiresInOnReturn: rule } });
      await live(world, { forMs: DAY, everyMs: MINUTE });
      const { emulator } = world;
      expect(emulator.requestCount("naver.token")).toBe(emulator.issuedCount("naver"));
      expect(emulator.requestCount("naver.token")).toBeGreaterThanOrEqual(9);
      expect(emulator.requestCount("naver.token")).toBeLessThanOrEqual(10);
      expect(world.life.seen("flight_started").filter(({ background }) => !background)).toHaveLength(1);
    },
  );

  it("costs nothing while nobody asks", async () => {
    await using world = await emulated();
    const naver = world.createAuth();
    await naver.getToken();
    world.life.pass(DAY);
    await naver.getToken();
    expect(world.emulator.requestCount("naver.token")).toBe(2);
    expect(world.clock.pendingTimers).toBe(0);
  });
});

it("the old token lives on when a new one came", async () => {
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

it("case 4: a token that the client took for expired comes again and is accepted, without a loop", async () => {
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

describe("case 12: a lifetime", () => {
  it.each([1, 30, 60, 61, 300, 1800, 3599, 10_800, 31_535_999])(
    "of %i s: no storm, and no token after its end",
    async (seconds) => {
      await using world = await emulated({ naver: { lifetimeSeconds: seconds } });
      await live(world, { forMs: 3 * seconds * SECOND, everyMs: (seconds * SECOND) / 32 });
      expect(world.emulator.requestCount("naver.token")).toBeLessThanOrEqual(7);
      expect(world.clock.pendingTimers).toBe(0);
    },
  );

  it("of 0 s is no answer, and a thousand callers cost three requests", async () => {
    await using world = await emulated({ naver: { lifetimeSeconds: 0 } });
    const naver = world.createAuth();
    const failures = await Promise.all(Array.from({ length: 1_000 }, () => failureOf(naver.getToken())));
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["invalid_response"]));
    expect(world.emulator.requestCount("naver.token")).toBe(3);
  });
});

it("case 25: a hundred tokens of one minute are renewed all over twenty minutes, in Naver's window only", async () => {
  await using world = await emulated({ naver: { accounts: "any" } });
  const sellers = Array.from({ length: 100 }, (_, index) => world.createSellerAuth(`seller-${index}`));
  await Promise.all(sellers.map((seller) => seller.getToken()));
  world.life.pass(151 * MINUTE);
  const perMinute: number[] = [];
  while (world.emulator.requestCount("naver.token") < 200) {
    const before = world.emulator.requestCount("naver.token");
    world.life.pass(MINUTE);
    await Promise.all(sellers.map((seller) => seller.getToken()));
    await world.life.settled();
    perMinute.push(world.emulator.requestCount("naver.token") - before);
  }
  expect(Math.max(...perMinute)).toBeLessThan(22);
  expect(perMinute.length).toBeGreaterThan(15);
  expect(perMinute.length).toBeLessThan(29);
  expect(world.emulator.issuedCount("naver")).toBe(200);
});

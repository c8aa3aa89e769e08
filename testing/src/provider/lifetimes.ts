import { describe, expect, it } from "vitest";
import { DAY, failureOf, SECOND } from "../emulated-life.ts";
import type { EmulatedProvider, ProviderTests } from "./provider-tests.ts";

interface Pace {
  readonly forMs: number;
  readonly everyMs: number;
  /** Every how many steps the API is asked whether the token is good. */
  readonly stepsPerApiCall: number;
}

/** Uses the token at a steady pace, and checks that both sides find it good. */
export async function useSteadily(world: EmulatedProvider, { forMs, everyMs, stepsPerApiCall }: Pace) {
  const auth = world.createAuth();
  for (let step = 0; step * everyMs <= forMs; step++) {
    const token = await auth.getToken();
    expect(token.expiresAt).toBeGreaterThan(world.clock.wall());
    await world.life.settled();
    if (step % stepsPerApiCall === 0) expect(await world.callApi(await auth.getToken())).toBe(200);
    world.life.pass(everyMs);
  }
}

/** Lives of tokens, short and long. */
export function testLifetimes({ emulate, lifetimes, tokenEndpoint }: ProviderTests) {
  describe("case 12: a lifetime", () => {
    it.each(lifetimes.seconds)("of %i s: no storm, and no token after its end", async (seconds) => {
      await using world = await emulate(lifetimes.rules(seconds));
      await useSteadily(world, {
        forMs: lifetimes.lives * seconds * SECOND,
        everyMs: (seconds * SECOND) / lifetimes.stepsPerLife,
        stepsPerApiCall: lifetimes.stepsPerApiCall,
      });
      expect(world.emulator.requestCount(tokenEndpoint)).toBeLessThanOrEqual(lifetimes.mostRequests);
      expect(world.clock.pendingTimers).toBe(0);
    });

    it("of 0 s is refused, and a thousand callers cost three requests", async () => {
      await using world = await emulate(lifetimes.rules(0));
      const auth = world.createAuth();
      const failures = await Promise.all(Array.from({ length: 1_000 }, () => failureOf(auth.getToken())));
      expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["invalid_response"]));
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(3);
    });
  });

  it("an unused token costs nothing: the next caller gets a new one", async () => {
    await using world = await emulate();
    const auth = world.createAuth();
    const { id } = await auth.getToken();
    world.life.pass(DAY);
    expect((await auth.getToken()).id).not.toBe(id);
    expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    expect(world.clock.pendingTimers).toBe(0);
  });
}

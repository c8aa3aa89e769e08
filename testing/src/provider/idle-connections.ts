import { describe, expect, it } from "vitest";
import { SECOND } from "../emulated-life.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** ky waits in real time between its attempts. */
const AT_ONCE = { retry: { delay: () => 0 } };
const CALLS = 6;

/** Servers and proxies close idle connections; the close and the next request can cross. */
export function testIdleConnections({ emulate, emulated, api, tokenEndpoint, apiEndpoint }: ProviderTests) {
  async function started(when: "next-request" | "idle") {
    const world = await emulate();
    for (const endpoint of [tokenEndpoint, apiEndpoint]) world.emulator.fault({ endpoint, kind: "idle-close", when });
    const auth = world.createAuth();
    return { ...world, auth, apiUrl: `${world.emulator[emulated].apiBaseUrl}/${api.path}` };
  }

  describe("a server that closes idle connections", () => {
    it.each(["next-request", "idle"] as const)("fails no token request (%s)", async (when) => {
      await using world = await started(when);
      for (let call = 0; call < CALLS; call += 1) {
        await world.auth.getToken({ forceRefresh: true });
        world.life.pass(3 * 3600 * SECOND);
      }
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(CALLS);
    });

    it.each(["next-request", "idle"] as const)("fails no GET through api (%s)", async (when) => {
      await using world = await started(when);
      for (let call = 0; call < CALLS; call += 1) {
        expect((await world.auth.api.get(api.path, AT_ONCE)).status).toBe(200);
      }
      expect(world.emulator.requestCount(apiEndpoint)).toBe(CALLS);
    });

    it.each(["next-request", "idle"] as const)("fails no GET through fetch (%s)", async (when) => {
      await using world = await started(when);
      for (let call = 0; call < CALLS; call += 1) {
        const response = await world.auth.fetch(world.apiUrl);
        expect(response.status).toBe(200);
        await response.text();
        // The client frees its connection a moment later. Until then another call opens a second one.
        await new Promise(setImmediate);
      }
      expect(world.emulator.requestCount(apiEndpoint)).toBe(CALLS);
    });
  });
}

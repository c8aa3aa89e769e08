import { startEmulator } from "@x/commerce-auth-emulator";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ProviderTests } from "./provider-tests.ts";

/**
 * Node's fetch calls setImmediate before it uses an idle connection again. With a fake one, such a request waits until the
 * connection is closed: for seconds.
 */
const ALL_THAT_FETCH_CAN_DO_WITHOUT = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "Date",
  "performance",
] as const;

/** A user's test that fakes the timers and sets the time. */
export function testFakeTimers({ createAuth, api, tokenEndpoint }: ProviderTests) {
  describe("a test runner's fake timers (case 57)", () => {
    afterEach(() => void vi.useRealTimers());

    async function started() {
      const emulator = await startEmulator();
      vi.stubEnv("COMMERCE_AUTH_EMULATOR", emulator.origin);
      return { emulator, auth: createAuth(), [Symbol.asyncDispose]: () => emulator.close() };
    }

    it("delay neither a token nor an API call, and their time decides when the token expires", async () => {
      await using world = await started();
      vi.useFakeTimers();
      const first = await world.auth.getToken();
      expect((await world.auth.api.get(api.path)).status).toBe(200);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
      vi.setSystemTime(first.expiresAt + 1);
      const second = await world.auth.getToken();
      expect(second.id).not.toBe(first.id);
      expect(second.expiresAt).toBeGreaterThan(Date.now());
    });

    it("cost no further request if they are set after the first token", async () => {
      await using world = await started();
      const first = await world.auth.getToken();
      vi.useFakeTimers({ now: first.expiresAt + 60_000, toFake: [...ALL_THAT_FETCH_CAN_DO_WITHOUT] });
      expect((await world.auth.getToken()).id).not.toBe(first.id);
      expect((await world.auth.api.get(api.path)).status).toBe(200);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });

    it("delay no call's turn", async () => {
      await using world = await started();
      vi.useFakeTimers();
      const calls = Array.from({ length: 4 }, () => world.auth.api.get(api.path));
      for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
    });

    it("do not delay a retry", async () => {
      await using world = await started();
      vi.useFakeTimers();
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "status", status: 503, times: 1 });
      expect((await world.auth.getToken()).value).toBeTruthy();
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });
  });
}

import { startEmulator } from "@x/commerce-auth-emulator";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ProviderTests } from "./provider-tests.ts";

/** A user's test that fakes the timers and sets the time. */
export function testFakeTimers({ createAuth, api, tokenEndpoint }: ProviderTests) {
  describe("a test runner's fake timers (case 57)", () => {
    afterEach(() => void vi.useRealTimers());

    async function started() {
      const emulator = await startEmulator();
      vi.stubEnv("COMMERCE_AUTH_EMULATOR", emulator.origin);
      return { emulator, auth: createAuth(), [Symbol.asyncDispose]: () => emulator.close() };
    }

    it("hold up neither a token nor an API call, and the time that they set ends the token", async () => {
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

    it("hold up no token where they are set after the first one", async () => {
      await using world = await started();
      const first = await world.auth.getToken();
      vi.useFakeTimers({ now: first.expiresAt + 60_000 });
      expect((await world.auth.getToken()).id).not.toBe(first.id);
    });

    it("do not hold up a retry", async () => {
      await using world = await started();
      vi.useFakeTimers();
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "status", status: 503, times: 1 });
      expect((await world.auth.getToken()).value).toBeTruthy();
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });
  });
}

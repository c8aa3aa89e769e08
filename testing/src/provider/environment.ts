import { describe, expect, it, vi } from "vitest";
import { failureOf } from "../emulated-life.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** Credentials from environment variables. */
export function testEnvironment(tests: ProviderTests) {
  const { provider, createAuth, emulate, accepting, id, secret, tokenEndpoint, keys } = tests;

  describe("credentials in the environment", () => {
    it("are read when first needed, not when the client is made", async () => {
      await using world = await emulate(accepting([keys]));
      const auth = createAuth({ tokenUrl: world.tokenUrl, cache: world.cache });

      const withoutId = await failureOf(auth.getToken());
      expect(withoutId).toMatchObject({ code: "invalid_options", provider });
      expect(withoutId.message).toContain(id.option);
      expect(withoutId.message).toContain(id.variable);

      vi.stubEnv(id.variable, id.example);
      const withoutSecret = await failureOf(auth.getToken());
      expect(withoutSecret.message).toContain(secret.option);
      expect(withoutSecret.message).toContain(secret.variable);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(0);

      vi.stubEnv(secret.variable, secret.example);
      expect((await auth.getToken()).value).toBeTruthy();
    });

    it("are read once, so that a token's key and its requests use the same", async () => {
      await using world = await emulate(accepting([keys]));
      const auth = createAuth({ [id.option]: id.example, tokenUrl: world.tokenUrl, cache: world.cache });
      vi.stubEnv(secret.variable, secret.example);
      await auth.getToken();
      vi.stubEnv(secret.variable, "no secret at all");
      await auth.getToken({ forceRefresh: true });
      const [first, second] = world.emulator.journal;
      expect([first?.status, second?.status]).toEqual([200, 200]);
      expect(second?.body.sha256).toBe(first?.body.sha256);
    });

    it("are replaced by options", async () => {
      await using world = await emulate();
      vi.stubEnv(id.variable, id.other);
      vi.stubEnv(secret.variable, secret.other);
      expect((await world.createAuth().getToken()).value).toBeTruthy();
    });

    it.each([
      ["", "is empty"],
      ["secret\n", "has white space"],
    ])("are checked: %j", async (value, problem) => {
      await using world = await emulate();
      vi.stubEnv(secret.variable, value);
      const failure = await failureOf(world.createAuth({ [secret.option]: undefined }).getToken());
      expect(failure.code).toBe("invalid_options");
      expect(failure.message).toContain(`${secret.variable} ${problem}`);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(0);
    });
  });
}

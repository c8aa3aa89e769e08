import { startEmulator } from "@x/commerce-auth-emulator";
import { describe, expect, it, vi } from "vitest";
import { failureOf } from "../emulated-life.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** The environment variable that directs all providers to the emulator. */
export function testEmulatorVariable(tests: ProviderTests) {
  const { createAuth, emulated, id, secret, origin, api, tokenEndpoint, apiEndpoint } = tests;
  const realCredentials = { [id.option]: id.example, [secret.option]: secret.example };

  async function started() {
    const emulator = await startEmulator();
    vi.stubEnv("COMMERCE_AUTH_EMULATOR", emulator.origin);
    const bodies: string[] = [];
    const fetch: typeof globalThis.fetch = (input, init) => {
      bodies.push(`${String(input)} ${JSON.stringify(init?.headers)} ${String(init?.body)}`);
      return globalThis.fetch(input, init);
    };
    return { emulator, bodies, fetch, [Symbol.asyncDispose]: () => emulator.close() };
  }

  describe("COMMERCE_AUTH_EMULATOR", () => {
    it("is all that a client needs: a token and an API call, without options", async () => {
      await using world = await started();
      await using auth = createAuth();
      expect((await auth.api.get(api.path)).status).toBe(200);
      expect([world.emulator.requestCount(tokenEndpoint), world.emulator.requestCount(apiEndpoint)]).toEqual([1, 1]);
    });

    it("wins over real credentials and URLs, and sends none of them", async () => {
      await using world = await started();
      vi.stubEnv(id.variable, id.other);
      vi.stubEnv(secret.variable, secret.other);
      const real = { tokenUrl: `${origin}/token`, apiBaseUrl: `${origin}/real` };
      for (const options of [realCredentials, { ...realCredentials, ...real }, {}]) {
        await using auth = createAuth({ ...options, fetch: world.fetch });
        expect((await auth.api.get(api.path)).status).toBe(200);
      }
      const sent = world.bodies.join("\n");
      for (const text of [id.example, secret.example, id.other, secret.other, new URL(origin).host]) {
        expect(sent).not.toContain(text);
        expect(sent).not.toContain(encodeURIComponent(text));
      }
    });

    it("takes whole URLs of the real API to the emulator", async () => {
      await using world = await started();
      for (const base of api.realBaseUrls) {
        await using auth = createAuth({ fetch: world.fetch });
        expect((await auth.fetch(`${base}/${api.path}`)).status).toBe(200);
      }
      expect(world.emulator.requestCount(apiEndpoint)).toBe(api.realBaseUrls.length);
    });

    it("accepts this machine only", async () => {
      vi.stubEnv("COMMERCE_AUTH_EMULATOR", "http://emulator.example:4010");
      const failure = await failureOf((async () => createAuth(realCredentials).getToken())());
      expect(failure).toMatchObject({ code: "invalid_options", provider: tests.provider });
    });

    it("changes no client whose options name an emulator", async () => {
      await using world = await started();
      await using other = await startEmulator();
      await using auth = createAuth(other[emulated].options);
      await auth.getToken();
      expect([world.emulator.requestCount(tokenEndpoint), other.requestCount(tokenEndpoint)]).toEqual([0, 1]);
    });
  });
}

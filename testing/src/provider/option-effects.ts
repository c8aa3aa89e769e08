import { describe, expect, it, vi } from "vitest";
import { failureOf } from "../emulated-life.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** The effects of the options that all providers have. */
export function testOptionEffects({ emulate, createAuth, token, tokenEndpoint }: ProviderTests) {
  describe("the option", () => {
    it("fetch is called with a URL and an init, as any proxy's fetch understands, and its request arrives", async () => {
      await using world = await emulate();
      const fetch = vi.fn<typeof globalThis.fetch>((input, init) => globalThis.fetch(input, init));
      await world.createAuth({ fetch }).getToken();
      const [url, init] = fetch.mock.calls[0] ?? [];
      expect(url).toBe(world.tokenUrl);
      expect(init).toMatchObject({ method: "POST", redirect: "manual" });
      expect(await new Response(init?.body).text()).toMatch(token.requestStart);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
    });

    it("timeoutMs ends a request that hangs", async () => {
      await using world = await emulate({ cache: { maxAttempts: 1 } });
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "hang" });
      const failure = failureOf(world.createAuth({ timeoutMs: 2_000 }).getToken());
      await expect.poll(() => world.emulator.requestCount(tokenEndpoint)).toBe(1);
      world.life.pass(2_000);
      expect(await failure).toMatchObject({ code: "timeout", retryable: true });
    });

    it("observer sees what happens to a token, by its id", async () => {
      await using world = await emulate();
      world.emulator.clock.set(Date.now());
      const types: string[] = [];
      await using auth = createAuth({
        ...world.credentials,
        tokenUrl: world.tokenUrl,
        observer: ({ type }: { type: string }) => types.push(type),
      });
      const { id } = await auth.getToken();
      await auth.getToken();
      await auth.invalidate(id);
      expect(types).toEqual(["flight_started", "clock_synced", "issued", "hit", "evicted"]);
    });

    it("cache is closed with the client that made it", async () => {
      await using world = await emulate();
      world.emulator.clock.set(Date.now());
      const alone = createAuth({ ...world.credentials, tokenUrl: world.tokenUrl });
      await alone.getToken();
      await alone.close();
      await alone.close();
      expect((await failureOf(alone.getToken())).code).toBe("closed");
      expect(alone.peek()).toBeUndefined();
    });

    it("cache stays open when one of the clients that share it is closed", async () => {
      await using world = await emulate();
      const sharing = world.createAuth();
      await sharing.close();
      expect((await sharing.getToken()).value).toBeTruthy();
    });
  });
}

import { describe, expect, it } from "vitest";
import { failureOf, MINUTE, SECOND } from "../emulated-life.ts";
import { startRecorder } from "../recorder.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** Issue, share, renew, refuse: one `getToken` against the emulator. */
export function testGetToken({
  emulate,
  emulated,
  tokenEndpoint,
  createAuth,
  token,
  secret,
  sameToken,
}: ProviderTests) {
  describe("getToken", () => {
    it("case 1: a thousand callers on a cold cache cost one request and get one token", async () => {
      await using world = await emulate();
      const auth = world.createAuth();
      const tokens = await Promise.all(Array.from({ length: 1_000 }, () => auth.getToken()));
      expect(new Set(tokens).size).toBe(1);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
      expect(await world.callApi(await auth.getToken())).toBe(200);
    });

    it("gives a token with its type, its scope and the provider's lifetime", async () => {
      await using world = await emulate();
      const issued = await world.createAuth().getToken();
      expect(issued).toMatchObject({ tokenType: "Bearer", scope: token.scope });
      expect(issued.issuedAt).toBe(world.clock.wall());
      expect(issued.expiresAt - issued.issuedAt).toBe(token.lifetimeMs);
    });

    it("uses the system's clock and fetch and a cache of its own by default", async () => {
      await using world = await emulate();
      world.emulator.clock.set(Date.now());
      await using auth = createAuth({ ...world.credentials, tokenUrl: world.tokenUrl });
      expect(auth.peek()).toBeUndefined();
      const issued = await auth.getToken();
      expect(await auth.getToken()).toBe(issued);
      expect(auth.peek()).toBe(issued);
      await auth.invalidate(issued.id);
      expect(auth.peek()).toBeUndefined();
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
    });

    it("ends only the wait of the caller that aborts", async () => {
      await using world = await emulate();
      const auth = world.createAuth();
      const controller = new AbortController();
      const aborted = auth.getToken({ signal: controller.signal });
      const other = auth.getToken();
      controller.abort(new Error("never mind"));
      await expect(aborted).rejects.toThrow("never mind");
      expect((await other).value).toBeTruthy();
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
    });

    it("case 9: a refused token costs one refused call, whatever its nominal expiry", async () => {
      await using world = await emulate();
      const auth = world.createAuth();
      const refused = await auth.getToken();
      world.life.pass(10 * SECOND);
      world.emulator.revoke(emulated);
      expect(await world.callApi(refused)).toBe(401);
      const tokens = await Promise.all(Array.from({ length: 50 }, () => auth.getToken({ refusedTokenId: refused.id })));
      expect(new Set(tokens).size).toBe(1);
      expect(await world.callApi(await auth.getToken())).toBe(200);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });

    it("fails with token_refused while the provider returns the refused token again", async () => {
      await using world = await emulate(sameToken);
      const auth = world.createAuth();
      const { id } = await auth.getToken();
      world.life.pass(10 * SECOND);
      world.emulator.revoke(emulated, undefined, { reissue: "same-token" });
      for (let call = 0; call < 20; call++) {
        expect((await failureOf(auth.getToken({ refusedTokenId: id }))).code).toBe("token_refused");
      }
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });

    it("case 18: a thousand calls in a minute with a wrong secret make a handful of requests", async () => {
      await using world = await emulate();
      const auth = world.createAuth({ [secret.option]: secret.other });
      const codes = new Set<string>();
      for (let call = 0; call < 1_000; call++) {
        codes.add((await failureOf(auth.getToken())).code);
        world.life.pass(MINUTE / 1_000);
      }
      expect(codes).toEqual(new Set(["invalid_credentials"]));
      expect(world.emulator.requestCount(tokenEndpoint)).toBeLessThanOrEqual(7);
    });

    it("waits as long as Retry-After says when token requests are limited", async () => {
      await using world = await emulate();
      world.emulator.fault({ endpoint: tokenEndpoint, ...token.limited });
      const auth = world.createAuth();
      expect(await failureOf(auth.getToken())).toMatchObject({ code: "rate_limited", retryAfterMs: 40_000 });
      world.life.pass(39 * SECOND);
      await failureOf(auth.getToken());
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
      world.emulator.clearFaults();
      world.life.pass(SECOND);
      expect((await auth.getToken()).value).toBeTruthy();
    });
  });

  describe("case 22: a redirect of the token endpoint", () => {
    it.each([301, 302, 303, 307, 308] as const)("by HTTP %i is not followed", async (status) => {
      await using elsewhere = await startRecorder((response) => response.end("{}"));
      await using world = await emulate();
      const location = `${elsewhere.origin}/token`;
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "redirect", location, status });
      expect(await failureOf(world.createAuth().getToken())).toMatchObject({
        code: "origin_not_allowed",
        retryable: false,
      });
      expect(elsewhere.connections).toBe(0);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(1);
    });

    it("would carry the secret elsewhere with a plain fetch", async () => {
      await using elsewhere = await startRecorder((response) => response.end("{}"));
      await using world = await emulate();
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "redirect", location: elsewhere.origin, status: 307 });
      await fetch(world.tokenUrl, { method: "POST", body: "client_secret=a-secret" });
      expect(elsewhere.requests[0]?.body).toBe("client_secret=a-secret");
    });
  });
}

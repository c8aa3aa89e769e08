import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureOf } from "../emulated-life.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** Parts of an identity that a careless concatenation confuses. */
export const anyKeyPart = fc.constantFrom("one", "two", "one\u0000two", '"one"', 'one","two');

export const anyTokenUrl = fc.constantFrom(
  "https://a.example/token",
  "https://a.example/partner/token",
  "https://b.example/token",
);

/** The cache key: another one for everything that the token depends on. */
export function testIdentity(tests: ProviderTests) {
  const { provider, origin, createAuth, emulate, accepting, identities, id, secret, tokenEndpoint, keys } = tests;
  const keyOf = (options: object) => createAuth(options).source.key;

  describe("case 10: the key", () => {
    it("differs if anything differs that the token depends on, and only then", () => {
      fc.assert(
        fc.property(identities, identities, (one, other) => {
          expect(keyOf(one) === keyOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
        }),
      );
    });

    it("contains the provider, the host and a hash, and no credential", () => {
      expect(keyOf(keys)).toMatch(/:[0-9a-f]{32}$/);
      expect(keyOf(keys).slice(0, -32)).toBe(`${provider}:${origin}:`);
    });

    it("is another for a rotated secret: it never gets the old secret's token", async () => {
      const rotated = { ...keys, [secret.option]: secret.other };
      await using world = await emulate(accepting([keys, rotated]));
      await world.createAuth(keys).getToken();
      await world.createAuth(rotated).getToken();
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });

    it("is another for a wrong secret: it never gets the right secret's token", async () => {
      await using world = await emulate(accepting([keys]));
      await world.createAuth(keys).getToken();
      const failure = await failureOf(world.createAuth({ ...keys, [secret.option]: secret.other }).getToken());
      expect(failure.code).toBe("invalid_credentials");
    });

    it("is the same for two clients with the same credentials, and another for other credentials", async () => {
      await using world = await emulate(accepting("any"));
      const same = await Promise.all([world.createAuth().getToken(), world.createAuth().getToken()]);
      expect(new Set(same).size).toBe(1);
      const other = await world.createAuth({ [id.option]: id.other }).getToken();
      expect(other.id).not.toBe(same[0].id);
      expect(world.emulator.requestCount(tokenEndpoint)).toBe(2);
    });
  });
}

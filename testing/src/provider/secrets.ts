import { describe, expect, it } from "vitest";
import { failureOf } from "../emulated-life.ts";
import { leaksIn } from "../leaks.ts";
import { judging } from "../token-answers.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** No secret and no token in anything that a program might print. */
export function testSecrets({ emulate, token, id, secret, keys }: ProviderTests) {
  const { errorOf } = judging(token.parse);
  const secrets = [secret.example];

  describe("case 23: secrets", () => {
    it("are not in an error, whatever part of the answer repeats them", async () => {
      const both = `${id.example} ${secret.example}`;
      const bodies = [...token.echoes({ both, secret: secret.example }), both, [both]];
      for (const body of bodies) {
        for (const status of [200, 400, 401, 403, 429, 500]) {
          const failure = await errorOf(body, { status, headers: { "gncp-gw-trace-id": both } });
          expect(leaksIn(failure, secrets)).toEqual([]);
        }
      }
    });

    it("are not in an error or an event of a request that failed on the way", async () => {
      await using world = await emulate();
      const cause = { body: secret.example, code: "ECONNRESET" };
      const failing: (typeof globalThis.fetch)[] = [
        () => Promise.reject(new TypeError(`cannot send ${secret.example}`, { cause })),
        () => Promise.reject(secret.example),
        () => Promise.resolve(new Response(secret.example, { status: 502 })),
      ];
      for (const fetch of failing) {
        const auth = world.createAuth({ ...keys, fetch, [id.option]: `${id.example}-${failing.indexOf(fetch)}` });
        const failure = await failureOf(auth.getToken());
        expect(leaksIn(failure, secrets)).toEqual([]);
        expect(leaksIn(auth, secrets)).toEqual([]);
      }
      expect(world.life.events.length).toBeGreaterThan(3);
      expect(leaksIn(world.life.events, [...secrets, id.example])).toEqual([]);
    });

    it("include the token: nothing that a program might print of it contains it", async () => {
      await using world = await emulate();
      const auth = world.createAuth();
      const issued = await auth.getToken();
      await auth.getToken();
      expect(issued.value.length).toBeGreaterThan(20);
      expect(leaksIn({ issued, auth, events: world.life.events }, [issued.value])).toEqual([]);
    });

    it("are found by this search if they are there", () => {
      const cause = new Error(`with client_secret=${encodeURIComponent(secret.example)}`);
      expect(leaksIn(new Error("failed", { cause }), secrets)).toEqual(secrets);
      expect(leaksIn({ deep: { down: { here: secret.example } } }, secrets)).toEqual(secrets);
    });
  });
}

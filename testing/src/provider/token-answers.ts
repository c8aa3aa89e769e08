import type { FaultEffect } from "@x/commerce-auth-emulator";
import { TokenError, type TokenErrorCode } from "@x/token-cache-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failureOf, HOUR } from "../emulated-life.ts";
import { json, startRecorder } from "../recorder.ts";
import { judging, SENT_AT } from "../token-answers.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** What a token endpoint may answer with, good and bad. */
export function testTokenAnswers({ emulate, token, tokenEndpoint }: ProviderTests) {
  const { judged, errorOf } = judging(token.parse);

  describe("an answer with a token", () => {
    it.each([-1, 0, 1e12, 1e308, "0", null, "soon"])(
      "case 11: no token with the lifetime %j is handed out",
      async (value) => {
        await using world = await emulate();
        world.emulator.fault({ endpoint: tokenEndpoint, kind: "expires-in", value });
        await expect(world.createAuth().getToken()).rejects.toMatchObject({ code: "invalid_response" });
        expect(world.emulator.requestCount(tokenEndpoint)).toBe(3);
      },
    );

    it.each([["two words"], ["line\nend"], [""], ["한글"]])("whose value is %j is refused", async (value) => {
      await using server = await startRecorder((response) => json(response, 200, token.answer(value)));
      await using world = await emulate();
      const auth = world.createAuth({ tokenUrl: server.origin });
      await expect(auth.getToken()).rejects.toMatchObject({ code: "invalid_response" });
    });

    it("counts with HTTP 200 to 299", async () => {
      for (const status of [200, 201, 299]) {
        expect(await judged(token.answer("the-token"), { status })).toMatchObject({ value: "the-token" });
      }
    });

    it.each([300, 302, 400, 401, 500, 503])("contains no token with HTTP %i", async (status) => {
      expect((await errorOf(token.answer("the-token"), { status })).providerStatus).toBe(status);
    });

    it("counts with HTTP 2xx only, if it has a value and a positive lifetime", async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 200, max: 599 }), token.anyAnswer, async (status, body) => {
          let issued: Awaited<ReturnType<typeof judged>>;
          try {
            issued = await judged(body, { status });
          } catch (error) {
            expect(TokenError.is(error)).toBe(true);
            return;
          }
          expect(status).toBeLessThan(300);
          expect(issued).toMatchObject(token.read(body as never));
        }),
      );
    });
  });

  describe("an answer without a token", () => {
    it("says how long to wait, in seconds or as a date by the provider's own clock", async () => {
      const wait = async (headers: Record<string, string>) =>
        (await errorOf({}, { status: 429, headers })).retryAfterMs;
      expect(await wait({})).toBeUndefined();
      expect(await wait({ "retry-after": "7" })).toBe(7_000);
      expect(await wait({ "retry-after": new Date(SENT_AT.wall + 30_000).toUTCString() })).toBeGreaterThan(28_000);
      expect(await wait({ "retry-after": "soon" })).toBeUndefined();
    });

    it.each<[status: number, code: TokenErrorCode]>([
      [200, "invalid_response"],
      [204, "invalid_response"],
      [400, token.codesWithoutReason[400]],
      [401, "invalid_credentials"],
      [403, token.codesWithoutReason[403]],
      [404, "invalid_options"],
      [418, "invalid_response"],
      [429, "rate_limited"],
      [500, "provider_unavailable"],
      [502, "provider_unavailable"],
      [503, "provider_unavailable"],
      [504, "provider_unavailable"],
    ])("HTTP %i with a body that gives no reason is %s", async (status, code) => {
      for (const body of [undefined, null, "", [], {}, ...token.withoutReason]) {
        expect((await errorOf(body, { status })).code, JSON.stringify(body)).toBe(code);
      }
    });

    it("case 29: an HTML page, an empty body and an error inside HTTP 200 have their own codes", async () => {
      await using world = await emulate();
      const { emulator, createAuth, life } = world;
      const outcome = async (fault: FaultEffect) => {
        const lift = emulator.fault({ endpoint: tokenEndpoint, ...fault });
        const failure = await failureOf(createAuth().getToken());
        lift();
        life.pass(HOUR);
        return failure.code;
      };
      expect(await outcome({ kind: "html" })).toBe("provider_unavailable");
      expect(await outcome({ kind: "html", status: 200 })).toBe("invalid_response");
      expect(await outcome({ kind: "empty" })).toBe("invalid_response");
      expect(await outcome({ kind: "empty", status: 503 })).toBe("provider_unavailable");
      expect(await outcome({ kind: "tokenless" })).toBe(token.errorInside200);
      expect(await outcome({ kind: "cut" })).toBe("network");
      expect(await outcome({ kind: "cut", when: "mid-body" })).toBe("network");
      expect((await createAuth().getToken()).value).toBeTruthy();
    });

    it.each([true, false])("case 29: 2 MiB of body are refused, length declared: %s", async (declareLength) => {
      await using world = await emulate({ cache: { maxAttempts: 1 } });
      world.emulator.fault({ endpoint: tokenEndpoint, kind: "huge", declareLength });
      await expect(world.createAuth().getToken()).rejects.toMatchObject({
        code: "invalid_response",
        providerStatus: 200,
      });
    });

    it("case 29: an endless body is cancelled after a bounded part of it", async () => {
      const { promise: cancelled, resolve: cancel } = Promise.withResolvers<void>();
      await using server = await startRecorder((response) => {
        const more = () => {
          while (response.write(Buffer.alloc(64 * 1024, " ")));
        };
        response.on("drain", more).on("close", cancel);
        more();
      });
      await using world = await emulate({ cache: { maxAttempts: 1 } });
      await expect(world.createAuth({ tokenUrl: server.origin }).getToken()).rejects.toMatchObject({
        code: "invalid_response",
      });
      await cancelled;
    });
  });
}

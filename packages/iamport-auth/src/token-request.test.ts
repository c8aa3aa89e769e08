import { failureOf } from "@x/testing/emulated-life";
import { leaksIn } from "@x/testing/leaks";
import { json, startRecorder } from "@x/testing/recorder";
import { judging, SENT_AT } from "@x/testing/token-answers";
import type { TokenErrorCode } from "@x/token-cache-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createIamportAuth } from "./index.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

const CANARY = { impKey: "canary-imp-key-3f9a", impSecret: "canary+secret/key=9b2e" };
/** The guide's own example. */
const TOKEN = {
  access_token: "a9ace025c90c0da2161075da6ddd3492a2fca776",
  now: 1_512_446_940,
  expired_at: 1_512_448_740,
};

const answerWith = (changes: object) => ({ code: 0, message: null, response: { ...TOKEN, ...changes } });

const { judged, errorOf } = judging(parseTokenAnswer);

describe("the token request", () => {
  it("is the documented JSON, byte for byte", async () => {
    await using server = await startRecorder((response) => json(response, 200, answerWith({})));
    await using iamport = createIamportAuth({ ...CANARY, tokenUrl: `${server.origin}/users/getToken` });
    await iamport.getToken();

    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: "POST", target: "/users/getToken" });
    expect(request?.body).toBe('{"imp_key":"canary-imp-key-3f9a","imp_secret":"canary+secret/key=9b2e"}');
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      accept: "application/json",
      "content-length": String(request?.body.length),
    });
    expect(Object.keys(request?.headers ?? {})).not.toContain("authorization");
    expect(Object.keys(request?.headers ?? {})).not.toContain("tier");
  });

  it("arrives at the provider with key and secret only, and nothing in the query string", async () => {
    await using world = await emulated();
    await world.createAuth({ tier: "001" }).getToken();
    expect(world.emulator.journal).toMatchObject([
      {
        endpoint: "iamport.token",
        method: "POST",
        queryNames: [],
        contentType: "application/json",
        body: { parameters: [{ name: "imp_key" }, { name: "imp_secret" }] },
        status: 200,
      },
    ]);
  });

  it("keeps any keys inside their fields", { tags: ["slow"] }, () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (impKey, impSecret) => {
        const body = JSON.parse(buildTokenRequest({ impKey, impSecret }).body);
        expect(body).toEqual({ imp_key: impKey, imp_secret: impSecret });
      }),
    );
  });
});

describe("an answer with a token", () => {
  it("gives the value, iamport's time, and a lifetime that starts when the request is sent", async () => {
    expect(await judged(answerWith({}))).toEqual({
      value: TOKEN.access_token,
      lifetimeMs: 1_800_000,
      sentAt: SENT_AT,
      serverTimeMs: 1_512_446_940_000,
    });
  });

  it.each([
    ["an hour", { expired_at: TOKEN.now + 3_600 }, 3_600_000],
    ["a year", { expired_at: TOKEN.now + 31_535_999 }, 31_535_999_000],
    ["a second", { expired_at: TOKEN.now + 1 }, 1_000],
    ["strings of digits", { now: "1512446940", expired_at: "1512448740" }, 1_800_000],
    ["fractions of a second", { now: 1_512_446_940.75, expired_at: 1_512_448_740.5 }, 1_799_750],
    ["strings with a fraction", { now: "1512446940.25", expired_at: "1512448740.500" }, 1_800_250],
    ["a day of another century", { now: 0, expired_at: 1_800 }, 1_800_000],
  ])("case 11: a lifetime of %s is the difference of iamport's two times", async (_what, changes, lifetimeMs) => {
    expect((await judged(answerWith(changes))).lifetimeMs).toBe(lifetimeMs);
  });

  it("is one with HTTP 201 too, and iamport's time is rounded down to a second", async () => {
    const { serverTimeMs } = await judged(answerWith({ now: TOKEN.now + 0.9 }), { status: 201 });
    expect(serverTimeMs).toBe(TOKEN.now * 1_000);
  });

  const NONSENSE = [
    undefined,
    null,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "soon",
    "",
    "-1",
    [TOKEN.now],
    true,
    "1512446940.",
  ];
  it.each(["now", "expired_at"])("case 11: a nonsensical %s is an invalid response", async (field) => {
    for (const value of NONSENSE)
      expect((await errorOf(answerWith({ [field]: value }))).code, String(value)).toBe("invalid_response");
  });

  it("case 11: a lifetime is positive and finite, whatever the two times are", async () => {
    const time = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.nat().map(String));
    await fc.assert(
      fc.asyncProperty(time, time, async (now, expired_at) => {
        const issued = await judged(answerWith({ now, expired_at })).catch(() => undefined);
        if (issued === undefined) return;
        expect(issued.lifetimeMs).toBeGreaterThan(0);
        expect(Number.isFinite(issued.lifetimeMs)).toBe(true);
      }),
    );
  });

  it.each([
    ["no access_token", answerWith({ access_token: undefined })],
    ["an access_token that is no string", answerWith({ access_token: 1 })],
    ["another code", { ...answerWith({}), code: 1 }],
    ["a code that is no number", { ...answerWith({}), code: "0" }],
    ["no code", { ...answerWith({}), code: undefined }],
  ])("with %s is refused", async (_what, body) => {
    expect((await errorOf(body)).code).toBe("invalid_response");
  });
});

describe("an answer without a token", () => {
  const BAD_KEYS = "인증에 실패하였습니다. API키와 secret을 확인하세요.";
  const MISSING_KEYS = "imp_key, imp_secret 파라메터가 누락되었습니다.";
  const ECHO = `${BAD_KEYS} (imp_key: ${CANARY.impKey}, imp_secret: ${CANARY.impSecret})`;

  const FAILURES: [status: number, message: string | null, code: TokenErrorCode, hint: RegExp][] = [
    [401, BAD_KEYS, "invalid_credentials", /key and secret/],
    [401, ECHO, "invalid_credentials", /key and secret/],
    [401, null, "invalid_credentials", /key and secret/],
    [200, BAD_KEYS, "invalid_credentials", /key and secret/],
    [200, ECHO, "invalid_credentials", /key and secret/],
    [400, MISSING_KEYS, "invalid_options", /impKey, impSecret/],
    [400, BAD_KEYS, "invalid_credentials", /key and secret/],
    [200, MISSING_KEYS, "invalid_options", /impKey, impSecret/],
    [403, "Forbidden", "permission_denied", /admin console/],
    [429, "Too Many Requests", "rate_limited", /one cache/],
    [500, "Internal Server Error", "provider_unavailable", /Call again later/],
    [500, BAD_KEYS, "provider_unavailable", /Call again later/],
    [200, "unheard of", "invalid_response", /tokenUrl/],
  ];

  it.each(FAILURES)("HTTP %i with code -1 and %j is %s", async (status, message, code, hint) => {
    const failure = await errorOf({ code: -1, message, response: null }, { status });
    expect(failure).toMatchObject({ code, providerStatus: status, providerCode: "-1", provider: "iamport" });
    expect(failure.message).toMatch(hint);
    expect(leaksIn(failure, [CANARY.impKey, CANARY.impSecret])).toEqual([]);
  });

  it("is not judged by the message of code 0, which means success", async () => {
    const failure = await errorOf({ code: 0, message: BAD_KEYS, response: null });
    expect(failure).toMatchObject({ code: "invalid_response", providerCode: undefined });
  });

  it("has no provider code if the body gives none", async () => {
    for (const body of [undefined, null, "", [], {}, { code: "constructor" }, { code: 0, message: null }]) {
      expect((await errorOf(body, { status: 400 })).providerCode).toBeUndefined();
    }
  });

  it.each([false, true])(
    "case 18: wrong keys are invalid_credentials, whether iamport repeats them or not: %s",
    async (echoCredentials) => {
      await using world = await emulated({ iamport: { echoCredentials } });
      const failure = await failureOf(world.createAuth(CANARY).getToken());
      expect(failure).toMatchObject({ code: "invalid_credentials", retryable: false, providerStatus: 401 });
      expect(leaksIn([failure, world.life.events], [CANARY.impKey, CANARY.impSecret])).toEqual([]);
      expect(world.emulator.requestCount("iamport.token")).toBe(1);
    },
  );
});

it("case 29: an answer whose response is null has its own code", async () => {
  await using world = await emulated();
  world.emulator.fault({ endpoint: "iamport.token", kind: "null-response" });
  expect((await failureOf(world.createAuth().getToken())).code).toBe("invalid_response");
});

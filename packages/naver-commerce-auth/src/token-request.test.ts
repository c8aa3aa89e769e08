import { failureOf, HOUR } from "@x/testing/emulated-life";
import { testExpiresIn } from "@x/testing/provider/expires-in";
import { json, startRecorder } from "@x/testing/recorder";
import { judging, SENT_AT } from "@x/testing/token-answers";
import { TokenCache, type TokenErrorCode } from "@x/token-cache-core";
import { ManualClock } from "@x/token-cache-core/testing";
import { hashSync } from "bcryptjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createNaverCommerceAuth } from "./index.ts";
import { rateLimits } from "./rate-limits.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

const CANARY = { clientId: "canary-client-id-3f9a", clientSecret: "$2a$04$canarycanarycanarycanu" };
const TOKEN = { access_token: "a-token", expires_in: 10_800, token_type: "Bearer" };

const { judged, errorOf } = judging(parseTokenAnswer);

describe("case 16: the token request", () => {
  const SIGN = hashSync(`${CANARY.clientId}_1794713598123`, CANARY.clientSecret);
  const FORM =
    "client_id=canary-client-id-3f9a&timestamp=1794713598123&grant_type=client_credentials" +
    `&client_secret_sign=${encodeURIComponent(Buffer.from(SIGN).toString("base64"))}`;

  it.each([
    ["SELF", {}, `${FORM}&type=SELF`],
    ["SELLER", { type: "SELLER", accountId: "ncp & co=1" }, `${FORM}&type=SELLER&account_id=ncp+%26+co%3D1`],
  ] as const)("for %s is the enforced form, byte for byte", async (_type, options, body) => {
    await using server = await startRecorder((response) => json(response, 200, TOKEN));
    await using cache = new TokenCache({ clock: new ManualClock({ startAt: SENT_AT.wall }) });
    await using naver = createNaverCommerceAuth({
      ...CANARY,
      ...options,
      cache,
      tokenUrl: `${server.origin}/external/v1/oauth2/token`,
    });
    await naver.getToken();

    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: "POST", target: "/external/v1/oauth2/token", body });
    expect(request?.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "content-length": String(body.length),
    });
    expect(Object.keys(request?.headers ?? {})).not.toContain("authorization");
    expect(Object.keys(request?.headers ?? {})).not.toContain("cookie");
  });

  it("arrives at Naver with everything in the body and nothing in the query string", async () => {
    await using world = await emulated();
    await world.createAuth().getToken();
    await world.createSellerAuth().getToken();
    const entry = { method: "POST", queryNames: [], contentType: "application/x-www-form-urlencoded", status: 200 };
    const parameters = [
      { name: "client_id" },
      { name: "timestamp" },
      { name: "grant_type", value: "client_credentials" },
      { name: "client_secret_sign" },
    ];
    const self = [...parameters, { name: "type", value: "SELF" }];
    const { accountId } = world.emulator.naver.credentials;
    const seller = [...parameters, { name: "type", value: "SELLER" }, { name: "account_id", value: accountId }];
    expect(world.emulator.journal).toMatchObject([
      { ...entry, body: { parameters: self } },
      { ...entry, body: { parameters: seller } },
    ]);
  });

  it("is never punished: a day of tokens, and API calls after it", async () => {
    await using world = await emulated({ naver: { offFormPenalty: "at-once" } });
    for (const naver of [world.createAuth(), world.createSellerAuth()]) {
      for (let round = 0; round < 3; round++) {
        const token = await naver.getToken({ forceRefresh: true });
        for (let call = 0; call < 3; call++) expect(await world.callApi(token)).toBe(200);
        world.life.pass(8 * HOUR);
      }
    }
  });

  it("has each parameter once and in order, for any values", { tags: ["slow"] }, () => {
    const signature = fc.record({ timestamp: fc.string(), clientSecretSign: fc.base64String() });
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(
        text,
        signature,
        fc.constantFrom("SELF", "SELLER"),
        fc.option(text),
        (clientId, sign, type, account) => {
          const { body, headers } = buildTokenRequest(clientId, sign, type, account ?? undefined);
          const expected = [
            ["client_id", clientId.toWellFormed()],
            ["timestamp", sign.timestamp],
            ["grant_type", "client_credentials"],
            ["client_secret_sign", sign.clientSecretSign],
            ["type", type],
          ];
          if (type === "SELLER" && account !== null) expected.push(["account_id", account.toWellFormed()]);
          expect([...new URLSearchParams(body)]).toEqual(expected);
          expect(headers["content-type"]).toBe("application/x-www-form-urlencoded");
        },
      ),
    );
  });
});

testExpiresIn(parseTokenAnswer, TOKEN);

describe("an answer with a token", () => {
  it("gives the value and a lifetime that starts when the request is sent", async () => {
    expect(await judged(TOKEN)).toEqual({ value: "a-token", lifetimeMs: 10_800_000, sentAt: SENT_AT });
  });

  it.each([
    ["no access_token", { access_token: undefined }],
    ["an access_token that is no string", { access_token: 1 }],
    ["another token type", { token_type: "mac" }],
  ])("with %s is refused", async (_what, changes) => {
    expect((await errorOf({ ...TOKEN, ...changes })).code).toBe("invalid_response");
  });
});

describe("an answer without a token", () => {
  /** The gateway's errors, as the documents list them. */
  const GATEWAY: [status: number, providerCode: string, code: TokenErrorCode, hint: RegExp][] = [
    [401, "GW.AUTHN", "invalid_credentials", /client id and secret/],
    [403, "GW.AUTHZ", "permission_denied", /API groups/],
    [403, "GW.IP_NOT_ALLOWED", "ip_not_allowed", /allowed IPs/],
    [404, "GW.NOT_FOUND", "invalid_options", /tokenUrl/],
    [429, "GW.RATE_LIMIT", "rate_limited", /per second/],
    [429, "GW.QUOTA_LIMIT", "quota_exhausted", /penalty/],
    [500, "GW.PROXY.01", "provider_unavailable", /Call again later/],
    [500, "GW.PROXY.02", "provider_unavailable", /Call again later/],
    [500, "GW.PROXY.03", "provider_unavailable", /Call again later/],
    [500, "GW.PROXY.04", "provider_unavailable", /Call again later/],
    [500, "GW.PROXY.05", "provider_unavailable", /Call again later/],
    [500, "GW.INTERNAL_SERVER_ERROR", "provider_unavailable", /Call again later/],
    [503, "GW.BLOCK.01", "provider_unavailable", /Call again later/],
    [503, "GW.BLOCK.02", "provider_unavailable", /Call again later/],
    [504, "GW.TIMEOUT.01", "provider_unavailable", /Call again later/],
    [504, "GW.TIMEOUT.02", "provider_unavailable", /Call again later/],
    [200, "GW.INTERNAL_SERVER_ERROR", "provider_unavailable", /Call again later/],
  ];

  it.each(GATEWAY)("HTTP %i %s is %s", async (status, providerCode, code, hint) => {
    const body = {
      code: providerCode,
      message: "a message",
      timestamp: "2026-11-15T12:33:20.123+09:00",
      traceId: "trace^1",
    };
    const failure = await errorOf(body, { status, headers: { "gncp-gw-trace-id": "trace-1" } });
    expect(failure).toMatchObject({
      code,
      providerStatus: status,
      providerCode,
      provider: "naver-commerce",
      traceId: "trace-1",
    });
    expect(failure.message).toMatch(hint);
    expect(failure.message).not.toContain("a message");
  });

  it("each of the gateway's errors has its own code against the emulator too", async () => {
    await using world = await emulated({ cache: { maxAttempts: 1 }, naver: { accounts: "any" } });
    for (const [status, providerCode, code] of GATEWAY.filter(([status]) => status !== 200)) {
      const lift = world.emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: providerCode });
      const failure = await failureOf(world.createSellerAuth(providerCode).getToken());
      expect(failure).toMatchObject({ code, providerStatus: status, providerCode });
      lift();
    }
  });

  const FUTURE = "timestamp 항목은 현재 이전이어야 합니다.";
  const EXPIRED = "timestamp항목의 유효 시간이 만료되었습니다.";
  const named = (name: string, message = `${name} 항목이 유효하지 않습니다.`) => ({
    code: "BAD_REQUEST",
    message,
    timestamp: "2026-11-15T12:33:20.123+09:00",
    invalidInputs: [{ name, type: "NotValid", message }],
    data: null,
  });

  const OWN: [what: string, body: object, code: TokenErrorCode, hint: RegExp][] = [
    ["a timestamp of the future", named("timestamp", FUTURE), "clock_skew", /NTP/],
    ["a timestamp that is too old", named("timestamp", EXPIRED), "clock_skew", /NTP/],
    ["that in the message alone", { code: "BAD_REQUEST", message: FUTURE }, "clock_skew", /NTP/],
    [
      "that in the message alone, too old",
      { code: "FORBIDDEN", message: EXPIRED, invalidInputs: null },
      "clock_skew",
      /NTP/,
    ],
    ["that in invalidInputs alone", { ...named("timestamp", FUTURE), message: null }, "clock_skew", /NTP/],
    ["a wrong signature", named("client_secret_sign"), "invalid_credentials", /client id and secret/],
    ["an unknown application", named("client_id"), "invalid_credentials", /client id and secret/],
    ["an unknown account", named("account_id"), "invalid_options", /accountId/],
    ["a type that is not allowed", named("type"), "invalid_options", /option type/],
  ];

  for (const status of [400, 403]) {
    it.each(OWN)(`HTTP ${status} for %s has its own code`, async (_what, body, code, hint) => {
      const failure = await errorOf(body, { status });
      expect(failure).toMatchObject({ code, providerStatus: status, retryable: false });
      expect(failure.message).toMatch(hint);
    });
  }

  it("the first known parameter decides", async () => {
    const invalidInputs = [null, {}, { name: "constructor" }, { name: "grant_type" }, { name: "account_id" }];
    expect(
      (await errorOf({ ...named("x"), invalidInputs: invalidInputs.slice(1) }, { status: 400 })).message,
    ).toContain("accountId");
  });

  it("case 17: a used-up quota names when its period ends, as the lanes' gate does", async () => {
    const wait = async (given: Record<string, string>) => {
      const headers = { date: "Sat, 21 Nov 2026 05:20:15 GMT", ...given };
      const { retryAfterMs } = await errorOf({ code: "GW.QUOTA_LIMIT" }, { status: 429, headers });
      const readJson = async () => ({ code: "GW.QUOTA_LIMIT" });
      const answer = { method: "POST", status: 429, headers: new Headers(headers), readJson };
      expect(await rateLimits.refusal(answer, { wall: () => 0 })).toMatchObject({ closedForMs: retryAfterMs });
      return retryAfterMs;
    };
    const hourEndsInMs = (39 * 60 + 45 + 2) * 1_000;
    expect(await wait({ "gncp-gw-quota-period": "HOURS", "gncp-gw-quota-limit": "1" })).toBe(hourEndsInMs);
    expect(await wait({ "gncp-gw-quota-period": "MINUTES" })).toBe(47_000);
    expect(await wait({ "gncp-gw-quota-period": "DAYS" })).toBe(9 * 3_600_000 + hourEndsInMs);
    expect(await wait({ "gncp-gw-quota-period": "constructor" })).toBe(hourEndsInMs);
    expect(await wait({})).toBe(hourEndsInMs);
    expect(await wait({ "retry-after": "90", "gncp-gw-quota-period": "HOURS" })).toBe(90_000);
    expect((await errorOf({ code: "GW.RATE_LIMIT" }, { status: 429 })).retryAfterMs).toBeUndefined();
  });

  it("has the trace id of the header, or else of the body", async () => {
    const traceId = async (header: string | undefined, body: unknown) =>
      (
        await errorOf(
          { code: "GW.PROXY.01", traceId: body },
          { status: 500, headers: header ? { "gncp-gw-trace-id": header } : {} },
        )
      ).traceId;
    expect(await traceId("header-1", "body-1")).toBe("header-1");
    expect(await traceId(undefined, "body-1")).toBe("body-1");
    expect(await traceId(undefined, null)).toBeUndefined();
    expect(await traceId(undefined, "not an id")).toBeUndefined();
  });

  it("case 18: a wrong id and a wrong secret are both invalid_credentials", async () => {
    for (const signatureRefusalStatus of [400, 403] as const) {
      await using world = await emulated({ naver: { signatureRefusalStatus } });
      const { clientId } = world.emulator.naver.credentials;
      for (const wrong of [CANARY, { ...CANARY, clientId }]) {
        const failure = await failureOf(world.createAuth(wrong).getToken());
        expect(failure).toMatchObject({
          code: "invalid_credentials",
          retryable: false,
          providerStatus: signatureRefusalStatus,
        });
      }
      expect(await failureOf(world.createSellerAuth("unknown").getToken())).toMatchObject({
        code: "invalid_options",
        message: expect.stringContaining("accountId"),
      });
      expect(world.emulator.requestCount("naver.token")).toBe(3);
    }
  });
});

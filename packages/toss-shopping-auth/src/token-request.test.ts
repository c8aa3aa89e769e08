import { failureOf } from "@x/testing/emulated-life";
import { leaksIn } from "@x/testing/leaks";
import { testExpiresIn } from "@x/testing/provider/expires-in";
import { json, startRecorder } from "@x/testing/recorder";
import { judging, SENT_AT } from "@x/testing/token-answers";
import type { TokenErrorCode } from "@x/token-cache-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createTossShoppingAuth } from "./index.ts";
import { buildTokenRequest, parseTokenAnswer } from "./token-request.ts";

const CANARY = { accessKey: "canary-access-key-3f9a", secretKey: "canary+secret/key=9b2e" };
const SCOPE = "toss-shopping-fep:write";
const TOKEN = { access_token: "a-token", scope: SCOPE, token_type: "Bearer", expires_in: 3599 };

const { judged, errorOf } = judging(parseTokenAnswer);

describe("the token request", () => {
  it("is the documented form, byte for byte", async () => {
    await using server = await startRecorder((response) => json(response, 200, TOKEN));
    await using toss = createTossShoppingAuth({ ...CANARY, tokenUrl: `${server.origin}/token` });
    await toss.getToken();

    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: "POST", target: "/token" });
    expect(request?.body).toBe(
      "grant_type=client_credentials&client_id=canary-access-key-3f9a&client_secret=canary%2Bsecret%2Fkey%3D9b2e" +
        "&scope=toss-shopping-fep%3Awrite",
    );
    expect(request?.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
      "content-length": String(request?.body.length),
    });
    expect(Object.keys(request?.headers ?? {})).not.toContain("authorization");
    expect(Object.keys(request?.headers ?? {})).not.toContain("cookie");
  });

  it("arrives at the provider with the documented parameters only, and nothing in the query string", async () => {
    await using world = await emulated();
    await world.createAuth().getToken();
    expect(world.emulator.journal).toMatchObject([
      {
        endpoint: "toss.token",
        method: "POST",
        queryNames: [],
        contentType: "application/x-www-form-urlencoded",
        body: {
          parameters: [
            { name: "grant_type", value: "client_credentials" },
            { name: "client_id" },
            { name: "client_secret" },
            { name: "scope", value: SCOPE },
          ],
        },
        status: 200,
      },
    ]);
  });

  it("keeps any keys inside their parameters", { tags: ["slow"] }, () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (accessKey, secretKey) => {
        const form = new URLSearchParams(buildTokenRequest({ accessKey, secretKey }, SCOPE).body);
        expect([...form]).toEqual([
          ["grant_type", "client_credentials"],
          ["client_id", accessKey.toWellFormed()],
          ["client_secret", secretKey.toWellFormed()],
          ["scope", SCOPE],
        ]);
      }),
    );
  });
});

testExpiresIn(parseTokenAnswer, TOKEN);

describe("an answer with a token", () => {
  it("gives the value, the granted scope, and a lifetime that starts when the request is sent", async () => {
    expect(await judged(TOKEN)).toEqual({ value: "a-token", scope: SCOPE, lifetimeMs: 3_599_000, sentAt: SENT_AT });
  });

  it.each([
    ["no access_token", { access_token: undefined }],
    ["an access_token that is no string", { access_token: 1 }],
    ["another token type", { token_type: "mac" }],
    ["an error beside it", { error: "server_error" }],
  ])("with %s is refused", async (_what, changes) => {
    expect(["invalid_response", "provider_unavailable"]).toContain((await errorOf({ ...TOKEN, ...changes })).code);
  });
});

describe("an answer without a token", () => {
  const FAILURES: [status: number, error: string, code: TokenErrorCode, hint: RegExp][] = [
    [400, "invalid_client", "invalid_credentials", /access key and secret key/],
    [401, "invalid_client", "invalid_credentials", /access key and secret key/],
    [400, "invalid_grant", "invalid_credentials", /access key and secret key/],
    [401, "invalid_grant", "invalid_credentials", /access key and secret key/],
    [400, "unauthorized_client", "permission_denied", /Ask Toss/],
    [401, "unauthorized_client", "permission_denied", /Ask Toss/],
    [400, "access_denied", "permission_denied", /IP allow-list/],
    [403, "access_denied", "permission_denied", /IP allow-list/],
    [400, "invalid_scope", "permission_denied", /option scope/],
    [400, "invalid_request", "invalid_options", /tokenUrl/],
    [400, "unsupported_grant_type", "invalid_options", /tokenUrl/],
    [400, "temporarily_unavailable", "provider_unavailable", /Call again later/],
    [500, "server_error", "provider_unavailable", /Call again later/],
    [503, "temporarily_unavailable", "provider_unavailable", /Call again later/],
    [500, "invalid_client", "provider_unavailable", /Call again later/],
    [200, "server_error", "provider_unavailable", /Call again later/],
    [200, "invalid_client", "invalid_credentials", /access key and secret key/],
    [429, "too_many_requests", "rate_limited", /one cache/],
  ];

  it.each(FAILURES)("HTTP %i %s is %s", async (status, error, code, hint) => {
    const failure = await errorOf({ error, error_description: "a description" }, { status });
    expect(failure).toMatchObject({ code, providerStatus: status, providerCode: error, provider: "toss-shopping" });
    expect(failure.message).toMatch(hint);
    expect(failure.message).not.toContain("a description");
  });

  it("names no code where its advice says enough, or where there is none", async () => {
    expect((await errorOf({ error: "invalid_client" }, { status: 401 })).message).not.toContain("error code");
    expect((await errorOf({}, { status: 401 })).message).not.toContain("error code");
  });

  it("names an OAuth code that it does not know, and nothing that could be a key", async () => {
    for (const status of [400, 401, 403, 418, 500]) {
      expect((await errorOf({ error: "unheard_of" }, { status })).message).toContain('"unheard_of"');
      for (const error of ["Canary", "canary-key", "canary9", "a".repeat(41)]) {
        expect((await errorOf({ error }, { status })).message).not.toContain(error);
      }
    }
  });

  it.each([400, 401] as const)("case 18: wrong keys are invalid_credentials with HTTP %i", async (errorStatus) => {
    await using world = await emulated({ toss: { errorStatus } });
    const failure = await failureOf(world.createAuth(CANARY).getToken());
    expect(failure).toMatchObject({ code: "invalid_credentials", retryable: false, providerStatus: errorStatus });
    expect(world.emulator.requestCount("toss.token")).toBe(1);
  });
});

it("case 23: a secret is not taken for an error code, though it may look like one", async () => {
  for (const secret of ["tsk1QxV83bLmZ0aH5rUw", "live_sk_9f3b2c71", "E3B0-C442.98FC"]) {
    expect(leaksIn(await errorOf({ error: secret }, { status: 400 }), [secret])).toEqual([]);
  }
  expect(await errorOf({ error: "temporarily_unavailable" }, { status: 400 })).toMatchObject({
    providerCode: "temporarily_unavailable",
  });
});

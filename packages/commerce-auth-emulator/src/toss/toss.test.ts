import { describe, expect, it } from "vitest";
import { askToss, callToss, getWith, postForm, postJson, SECOND, seen, startFrozen } from "../clients.test-support.ts";

describe("the token endpoint of Toss Shopping", () => {
  it("issues a bearer token of 3599 seconds for the documented form", async () => {
    await using emulator = await startFrozen();
    const { status, headers, body } = await askToss(emulator);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toContain("application/json");
    expect(body).toEqual({
      access_token: expect.stringMatching(/^\S{20,}$/),
      scope: "toss-shopping-fep:write",
      token_type: "Bearer",
      expires_in: 3599,
    });
  });

  it("issues a token of one year with the documented lifetime", async () => {
    await using emulator = await startFrozen({ toss: { lifetimeSeconds: 31_535_999 } });
    const { body } = await askToss(emulator);
    expect(body.expires_in).toBe(31_535_999);
    emulator.clock.advance(31_535_998 * SECOND);
    expect((await callToss(emulator, body.access_token)).status).toBe(200);
    emulator.clock.advance(SECOND);
    expect((await callToss(emulator, body.access_token)).status).toBe(401);
  });

  it("answers invalid_client to a wrong secret and to the camelCase names of the documents' table", async () => {
    await using emulator = await startFrozen();
    const { accessKey, secretKey } = emulator.toss.credentials;
    const camelCase = { client_id: undefined, client_secret: undefined, clientId: accessKey, clientSecret: secretKey };
    for (const changes of [{ client_secret: "wrong" }, { client_id: "unknown" }, camelCase]) {
      const { status, body } = await askToss(emulator, changes);
      expect(status).toBe(401);
      expect(body).toEqual({ error: "invalid_client", error_description: expect.any(String) });
    }
    expect(emulator.issuedCount("toss")).toBe(0);
  });

  it.each([400, 401] as const)("answers invalid_client with status %i by the switch", async (errorStatus) => {
    await using emulator = await startFrozen({ toss: { errorStatus } });
    expect((await askToss(emulator, { client_secret: "wrong" })).status).toBe(errorStatus);
  });

  it.each([
    ["invalid_request", { grant_type: undefined }],
    ["unsupported_grant_type", { grant_type: "password" }],
    ["invalid_scope", { scope: undefined }],
    ["invalid_scope", { scope: "another:write" }],
  ])("answers 400 %s to %o", async (error, changes) => {
    await using emulator = await startFrozen();
    const { status, body } = await askToss(emulator, changes);
    expect({ status, error: body.error }).toEqual({ status: 400, error });
  });

  it("accepts only a form, only by POST and only in the body", async () => {
    await using emulator = await startFrozen();
    const { tokenUrl, credentials } = emulator.toss;
    const parameters = {
      grant_type: "client_credentials",
      client_id: credentials.accessKey,
      client_secret: credentials.secretKey,
      scope: "toss-shopping-fep:write",
    };
    expect((await postJson(tokenUrl, parameters)).body.error).toBe("invalid_request");
    expect((await seen(fetch(tokenUrl))).status).toBe(405);
    const queried = await postForm(`${tokenUrl}?${new URLSearchParams(parameters)}`, {});
    expect(queried.status).toBe(400);
  });

  it("issues a new token at the next request, and the earlier one stays valid", async () => {
    await using emulator = await startFrozen();
    const first = (await askToss(emulator)).body.access_token;
    const second = (await askToss(emulator)).body.access_token;
    expect(second).not.toBe(first);
    expect((await callToss(emulator, first)).status).toBe(200);
    expect((await callToss(emulator, second)).status).toBe(200);
    expect(emulator.issuedCount("toss")).toBe(2);
  });

  it("invalidates the earlier token with the new one, by the switch", async () => {
    await using emulator = await startFrozen({ toss: { previousToken: "dies" } });
    const first = (await askToss(emulator)).body.access_token;
    const second = (await askToss(emulator)).body.access_token;
    expect((await callToss(emulator, first)).status).toBe(401);
    expect((await callToss(emulator, second)).status).toBe(200);
  });

  it("returns the same token with its remaining seconds until it expires, by the switch", async () => {
    await using emulator = await startFrozen({ toss: { reissue: "same-token" } });
    const first = (await askToss(emulator)).body;
    emulator.clock.advance(3598 * SECOND);
    expect((await askToss(emulator)).body).toEqual({ ...first, expires_in: 1 });
    emulator.clock.advance(SECOND);
    expect((await askToss(emulator)).body.access_token).not.toBe(first.access_token);
  });

  it("issues different tokens for two scopes of one key", async () => {
    await using emulator = await startFrozen({ toss: { reissue: "same-token", scopes: ["a", "b"] } });
    const a = (await askToss(emulator, { scope: "a" })).body;
    const b = (await askToss(emulator, { scope: "b" })).body;
    expect([a.scope, b.scope]).toEqual(["a", "b"]);
    expect(b.access_token).not.toBe(a.access_token);
  });

  it("answers 429 with Retry-After above the limit of token requests", async () => {
    const tokenRateLimit = { requests: 2, perSeconds: 60, retryAfterSeconds: 7 };
    await using emulator = await startFrozen({ toss: { tokenRateLimit } });
    await askToss(emulator);
    await askToss(emulator);
    const limited = await askToss(emulator);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    emulator.clock.advance(60 * SECOND);
    expect((await askToss(emulator)).status).toBe(200);
  });

  it("accepts every key pair in the mode for load tests, but not an empty secret", async () => {
    await using emulator = await startFrozen({ toss: { sellers: "any" } });
    expect((await askToss(emulator, { client_id: "k1", client_secret: "s1" })).status).toBe(200);
    expect((await askToss(emulator, { client_id: "k2", client_secret: "s2" })).status).toBe(200);
    expect((await askToss(emulator, { client_id: "k2", client_secret: "" })).status).toBe(401);
  });
});

describe("the API of Toss Shopping", () => {
  it("answers the documents' first call with the top categories, and their children by id", async () => {
    await using emulator = await startFrozen();
    const token = (await askToss(emulator)).body.access_token;
    const top = await callToss(emulator, token);
    expect(top.body.resultType).toBe("SUCCESS");
    expect(top.body.success.items[0]).toEqual({
      id: 14817,
      name: "가구/홈데코",
      level: 1,
      parentId: null,
      isLeaf: false,
      policy: null,
    });
    const { apiBaseUrl, credentials } = emulator.toss;
    const children = `${apiBaseUrl}/${credentials.solutionCode}/products/categories/children?id=14817`;
    expect((await getWith(token, children)).body.success.items).toMatchObject([{ parentId: 14817, level: 2 }]);
  });

  it("serves the same routes without a solution code to sellers who develop for themselves", async () => {
    await using emulator = await startFrozen();
    const token = (await askToss(emulator)).body.access_token;
    const answer = await getWith(token, `${emulator.toss.apiBaseUrl}/products/categories/children`);
    expect(answer.body.resultType).toBe("SUCCESS");
  });

  it("refuses a missing, a wrong and an expired token with 401", async () => {
    await using emulator = await startFrozen();
    const token = (await askToss(emulator)).body.access_token;
    expect((await seen(fetch(`${emulator.toss.apiBaseUrl}/x/products/categories/children`))).status).toBe(401);
    const wrong = await callToss(emulator, `${token}x`);
    expect(wrong.status).toBe(401);
    expect(wrong.body).toMatchObject({ resultType: "FAIL", error: { errorCode: "UNAUTHORIZED" } });
    emulator.clock.advance(3599 * SECOND);
    expect((await callToss(emulator, token)).status).toBe(401);
  });

  it("answers other failures with HTTP 200: a wrong solution code, a body that is no JSON", async () => {
    await using emulator = await startFrozen();
    const token = (await askToss(emulator)).body.access_token;
    const wrongCode = await getWith(token, `${emulator.toss.apiBaseUrl}/nobody/products/categories/children`);
    expect(wrongCode.status).toBe(200);
    expect(wrongCode.body).toMatchObject({ resultType: "FAIL", error: { errorCode: "INVALID_SOLUTION_CODE" } });
    const url = `${emulator.toss.apiBaseUrl}/${emulator.toss.credentials.solutionCode}/products`;
    const headers = { Authorization: `Bearer ${token}` };
    const notJson = await seen(fetch(url, { method: "POST", body: "name=desk", headers }));
    expect(notJson).toMatchObject({ status: 200, body: { resultType: "FAIL" } });
    expect((await postJson(url, { name: "desk" }, headers)).body).toMatchObject({
      resultType: "SUCCESS",
      success: { name: "desk" },
    });
  });

  it("does not know a token during its propagation time", async () => {
    await using emulator = await startFrozen({ toss: { propagationMs: 500 } });
    const token = (await askToss(emulator)).body.access_token;
    emulator.clock.advance(499);
    expect((await callToss(emulator, token)).status).toBe(401);
    emulator.clock.advance(1);
    expect((await callToss(emulator, token)).status).toBe(200);
  });
});

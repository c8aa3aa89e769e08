import { describe, expect, it } from "vitest";
import {
  askIamport,
  callIamport,
  getWith,
  MINUTE,
  postForm,
  postJson,
  SECOND,
  START,
  seen,
  startFrozen,
} from "../clients.test-support.ts";

const START_SECONDS = START / 1000;

describe("the token endpoint of iamport", () => {
  it("answers an envelope with both times in epoch seconds, 1800 apart", async () => {
    await using emulator = await startFrozen();
    const { status, body } = await askIamport(emulator);
    expect(status).toBe(200);
    expect(body).toEqual({
      code: 0,
      message: null,
      response: {
        access_token: expect.stringMatching(/^[0-9a-f]{40}$/),
        now: START_SECONDS,
        expired_at: START_SECONDS + 1800,
      },
    });
  });

  it("accepts a form and JSON", async () => {
    await using emulator = await startFrozen();
    const { impKey, impSecret } = emulator.iamport.credentials;
    const byForm = await postForm(emulator.iamport.tokenUrl, { imp_key: impKey, imp_secret: impSecret });
    expect(byForm.body.response.access_token).toBe((await askIamport(emulator)).body.response.access_token);
  });

  it("returns the same token with the same expiry until its last minute", async () => {
    await using emulator = await startFrozen();
    const first = (await askIamport(emulator)).body.response;
    emulator.clock.advance(29 * MINUTE - 1);
    expect((await askIamport(emulator)).body.response).toEqual({ ...first, now: START_SECONDS + 1739 });
    expect(emulator.issuedCount("iamport")).toBe(1);
  });

  it("moves the expiry by 5 minutes within the last 60 seconds, also for the API", async () => {
    await using emulator = await startFrozen();
    const first = (await askIamport(emulator)).body.response;
    emulator.clock.advance(29 * MINUTE);
    expect((await askIamport(emulator)).body.response).toEqual({
      ...first,
      now: START_SECONDS + 1740,
      expired_at: first.expired_at + 300,
    });
    emulator.clock.set((first.expired_at + 299) * SECOND);
    expect((await callIamport(emulator, first.access_token)).status).toBe(200);
    emulator.clock.advance(SECOND);
    expect((await callIamport(emulator, first.access_token)).status).toBe(401);
  });

  it.each([
    ["repeats", 600],
    ["once", 300],
  ] as const)("gives the extension %s, by the switch", async (extension, gainedSeconds) => {
    await using emulator = await startFrozen({ iamport: { extension } });
    const first = (await askIamport(emulator)).body.response;
    emulator.clock.set((first.expired_at - 30) * SECOND);
    await askIamport(emulator);
    emulator.clock.set((first.expired_at + 270) * SECOND);
    const last = (await askIamport(emulator)).body.response;
    expect(last.access_token).toBe(first.access_token);
    expect(last.expired_at - first.expired_at).toBe(gainedSeconds);
  });

  it("issues a new token after expiry", async () => {
    await using emulator = await startFrozen();
    const first = (await askIamport(emulator)).body.response;
    emulator.clock.advance(30 * MINUTE);
    const second = (await askIamport(emulator)).body.response;
    expect(second.access_token).not.toBe(first.access_token);
    expect(second.expired_at).toBe(START_SECONDS + 3600);
  });

  it("answers wrong keys with 401, code -1, and no credentials in the message", async () => {
    await using emulator = await startFrozen();
    const { status, body } = await askIamport(emulator, { imp_secret: "wrong-secret" });
    expect(status).toBe(401);
    expect(body).toEqual({
      code: -1,
      message: "인증에 실패하였습니다. API키와 secret을 확인하세요.",
      response: null,
    });
  });

  it("repeats the credentials in that message, by the switch", async () => {
    await using emulator = await startFrozen({ iamport: { echoCredentials: true } });
    const { body } = await askIamport(emulator, { imp_secret: "wrong-secret" });
    expect(body.message).toContain("wrong-secret");
  });

  it("answers missing keys with 400 and code -1", async () => {
    await using emulator = await startFrozen();
    const missing = { code: -1, message: "imp_key, imp_secret 파라메터가 누락되었습니다.", response: null };
    for (const body of [{}, { imp_key: "k" }, { imp_key: "", imp_secret: "s" }, []]) {
      expect(await postJson(emulator.iamport.tokenUrl, body)).toMatchObject({ status: 400, body: missing });
    }
  });
});

describe("the API of iamport", () => {
  it("answers a payment in the envelope, and 404 with a code for an unknown one", async () => {
    await using emulator = await startFrozen();
    const token = (await askIamport(emulator)).body.response.access_token;
    expect((await callIamport(emulator, token)).body).toMatchObject({
      code: 0,
      response: { imp_uid: "imp_448280090638", status: "paid" },
    });
    const unknown = await getWith(token, `${emulator.iamport.apiBaseUrl}/payments/imp_000`);
    expect(unknown).toMatchObject({ status: 404, body: { code: -1, response: null } });
  });

  it("refuses a missing, a wrong and a revoked token with 401", async () => {
    await using emulator = await startFrozen();
    const token = (await askIamport(emulator)).body.response.access_token;
    const url = `${emulator.iamport.apiBaseUrl}/payments/imp_448280090638`;
    expect((await seen(fetch(url))).status).toBe(401);
    expect((await callIamport(emulator, "nonsense")).body).toEqual({
      code: -1,
      message: "Unauthorized",
      response: null,
    });
    emulator.revoke("iamport", token);
    expect((await callIamport(emulator, token)).status).toBe(401);
  });

  it("reads the Tier header and refuses an unknown tier", async () => {
    await using emulator = await startFrozen({ iamport: { tiers: ["A01"] } });
    const token = (await askIamport(emulator)).body.response.access_token;
    expect((await callIamport(emulator, token, { Tier: "A01" })).status).toBe(200);
    expect((await callIamport(emulator, token, { Tier: "B02" })).status).toBe(403);
    expect((await callIamport(emulator, token)).status).toBe(200);
    expect(emulator.journal.at(-2)?.headers).toMatchObject({ tier: "B02" });
  });

  it("prepares a payment once; the second time is an error with HTTP 200", async () => {
    await using emulator = await startFrozen();
    const token = (await askIamport(emulator)).body.response.access_token;
    const prepare = () =>
      postJson(
        `${emulator.iamport.apiBaseUrl}/payments/prepare`,
        { merchant_uid: "order_1", amount: 1000 },
        { Authorization: `Bearer ${token}` },
      );
    expect((await prepare()).body).toMatchObject({ code: 0, response: { merchant_uid: "order_1", amount: 1000 } });
    expect(await prepare()).toMatchObject({ status: 200, body: { code: 1, response: null } });
  });

  it.each([
    ["a bearer token", (token: string) => ({ Authorization: `Bearer ${token}` }), 200],
    ["the token without a scheme", (token: string) => ({ Authorization: token }), 200],
    ["the token in a header of its own", (token: string) => ({ "X-ImpTokenHeader": token }), 200],
    [
      "both headers, of which Authorization wins",
      (token: string) => ({ Authorization: token, "X-ImpTokenHeader": "x" }),
      200,
    ],
    [
      "a wrong Authorization, which wins too",
      (token: string) => ({ Authorization: "x", "X-ImpTokenHeader": token }),
      401,
    ],
    ["a bearer token in the header of its own", (token: string) => ({ "X-ImpTokenHeader": `Bearer ${token}` }), 401],
    ["another scheme", (token: string) => ({ Authorization: `Basic ${token}` }), 401],
    ["no token", () => ({}), 401],
  ] as const)("takes a token as V1 clients send it: %s", async (_way, headers, status) => {
    await using emulator = await startFrozen();
    const token = (await askIamport(emulator)).body.response.access_token;
    const url = `${emulator.iamport.apiBaseUrl}/payments/imp_448280090638`;
    expect((await seen(fetch(url, { headers: headers(token) }))).status).toBe(status);
  });

  it("records the same token id for each way, and never the token", async () => {
    await using emulator = await startFrozen();
    const token = (await askIamport(emulator)).body.response.access_token;
    const url = `${emulator.iamport.apiBaseUrl}/payments/imp_448280090638`;
    for (const headers of [
      { Authorization: `Bearer ${token}` },
      { Authorization: token },
      { "X-ImpTokenHeader": token },
    ]) {
      await seen(fetch(url, { headers }));
    }
    expect(new Set(emulator.journal.slice(1).map(({ tokenId }) => tokenId)).size).toBe(1);
    expect(emulator.journal.at(-1)?.tokenId).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(emulator.journal)).not.toContain(token);
  });
});

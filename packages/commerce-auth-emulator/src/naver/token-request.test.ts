import { describe, expect, it } from "vitest";
import {
  askNaver,
  callNaver,
  HOUR,
  MINUTE,
  naverParameters,
  naverSign,
  postForm,
  SECOND,
  START,
  seen,
  startFrozen,
} from "../clients.test-support.ts";

const FUTURE = "timestamp 항목은 현재 이전이어야 합니다.";
const EXPIRED = "timestamp항목의 유효 시간이 만료되었습니다.";

describe("the signature", () => {
  it("is the documented vector, hashed with the documents' salt of cost 10", async () => {
    const clientId = "aaaabbbbcccc";
    const clientSecret = "$2a$10$abcdefghijklmnopqrstuv";
    await using emulator = await startFrozen({
      clock: { startAt: 1_643_961_623_299, frozen: true },
      naver: { applications: [{ clientId, clientSecret }] },
    });
    const { status } = await askNaver(emulator, {
      timestamp: "1643961623299",
      client_secret_sign: "JDJhJDEwJGFiY2RlZmdoaWprbG1ub3BxcnN0dXVCVldZSk42T0VPdEx1OFY0cDQxa2IuTnpVaUEzbmsy",
    });
    expect(status).toBe(200);
  });

  it("is refused for another timestamp, client id or secret, and without base64", async () => {
    await using emulator = await startFrozen();
    const { clientId, clientSecret } = emulator.naver.credentials;
    const timestamp = String(START - 1000);
    const signs = [
      naverSign(clientId, String(START - 1001), clientSecret),
      naverSign("someone-else", timestamp, clientSecret),
      naverSign(clientId, timestamp, "$2a$04$zzzzzzzzzzzzzzzzzzzzzu"),
      atob(naverSign(clientId, timestamp, clientSecret)),
    ];
    for (const client_secret_sign of signs) {
      const { status, body } = await askNaver(emulator, { timestamp, client_secret_sign });
      expect(status).toBe(403);
      expect(body.invalidInputs).toEqual([
        { name: "client_secret_sign", type: "NotValid", message: "client_secret_sign 항목이 유효하지 않습니다." },
      ]);
    }
    expect(emulator.issuedCount("naver")).toBe(0);
  });

  it.each([400, 403] as const)("is refused with status %i by the switch", async (signatureRefusalStatus) => {
    await using emulator = await startFrozen({ naver: { signatureRefusalStatus } });
    expect((await askNaver(emulator, { client_secret_sign: "bm8=" })).status).toBe(signatureRefusalStatus);
  });

  it("of an unknown application is refused", async () => {
    await using emulator = await startFrozen();
    expect((await askNaver(emulator, { client_id: "unknown" })).status).toBe(403);
  });

  it("is accepted under each secret of an application, as during a rotation", async () => {
    const secrets = ["$2a$04$abcdefghijklmnopqrstuv", "$2b$04$ABCDEFGHIJKLMNOPQRSTUV"];
    const applications = secrets.map((clientSecret) => ({ clientId: "app", clientSecret }));
    await using emulator = await startFrozen({ naver: { applications } });
    const timestamp = String(START);
    for (const secret of secrets) {
      const changes = { timestamp, client_secret_sign: naverSign("app", timestamp, secret) };
      expect((await askNaver(emulator, changes)).status).toBe(200);
    }
  });

  it("is checked for any application in a load test too, unless that is switched off", async () => {
    await using checking = await startFrozen({ naver: { applications: "any" } });
    const timestamp = String(START);
    const signed = naverSign("app-77", timestamp, "$2a$04$zzzzzzzzzzzzzzzzzzzzzu");
    const changes = { client_id: "app-77", timestamp, client_secret_sign: signed };
    expect((await askNaver(checking, changes)).status).toBe(200);
    expect((await askNaver(checking, { ...changes, client_id: "app-78" })).status).toBe(403);
    expect((await askNaver(checking, { ...changes, client_secret_sign: "nonsense" })).status).toBe(403);
    await using trusting = await startFrozen({ naver: { applications: "any", verifySignature: false } });
    expect((await askNaver(trusting, { ...changes, client_secret_sign: "nonsense" })).status).toBe(200);
  });
});

describe("the timestamp", () => {
  it.each([
    ["accepts the present millisecond", START, undefined],
    ["accepts exactly five minutes", START - 5 * MINUTE, undefined],
    ["refuses one millisecond ahead", START + 1, FUTURE],
    ["refuses more than five minutes", START - 5 * MINUTE - 1, EXPIRED],
    ["refuses seconds, which have 10 digits", START / 1000, EXPIRED],
    ["refuses 14 digits, though they mean the present", `0${START}`, EXPIRED],
  ])("%s", async (_rule, timestamp, message) => {
    await using emulator = await startFrozen();
    const { status, body } = await askNaver(emulator, { timestamp: String(timestamp) });
    if (message === undefined) return expect(status).toBe(200);
    expect(status).toBe(400);
    expect(body.invalidInputs).toEqual([{ name: "timestamp", type: "NotValid", message }]);
  });

  it("is compared with the virtual clock", async () => {
    await using emulator = await startFrozen();
    emulator.clock.advance(-10 * MINUTE);
    const tooEarly = await askNaver(emulator, { timestamp: String(START) });
    expect(tooEarly.body.message).toBe(FUTURE);
    expect(tooEarly.headers.get("date")).toBe(new Date(START - 10 * MINUTE).toUTCString());
  });

  it.each([400, 403] as const)("is refused with status %i by the switch", async (clockRefusalStatus) => {
    await using emulator = await startFrozen({ naver: { clockRefusalStatus } });
    const { status, body } = await askNaver(emulator, { timestamp: String(START + 1) });
    expect([status, body.message]).toEqual([clockRefusalStatus, FUTURE]);
  });
});

describe("re-issue", () => {
  it("returns the same token while 30 minutes or more remain", async () => {
    await using emulator = await startFrozen();
    const first = (await askNaver(emulator)).body;
    expect(first).toEqual({ access_token: expect.any(String), expires_in: 10_800, token_type: "Bearer" });
    emulator.clock.advance(2 * HOUR + 30 * MINUTE);
    expect((await askNaver(emulator)).body).toEqual({ ...first, expires_in: 1800 });
    expect(emulator.issuedCount("naver")).toBe(1);
  });

  it("says the full lifetime of a token that is returned again, by the switch", async () => {
    await using emulator = await startFrozen({ naver: { expiresInOnReturn: "full" } });
    const first = (await askNaver(emulator)).body;
    emulator.clock.advance(HOUR);
    expect((await askNaver(emulator)).body).toEqual(first);
  });

  it("issues a new token below 30 minutes, and the old one stays valid until its own expiry", async () => {
    await using emulator = await startFrozen();
    const first = (await askNaver(emulator)).body.access_token;
    emulator.clock.advance(2 * HOUR + 30 * MINUTE + 1);
    const second = (await askNaver(emulator)).body;
    expect(second.access_token).not.toBe(first);
    expect(second.expires_in).toBe(10_800);
    emulator.clock.set(START + 3 * HOUR - 1);
    expect((await callNaver(emulator, first)).status).toBe(200);
    emulator.clock.advance(1);
    expect((await callNaver(emulator, first)).status).toBe(401);
    expect((await callNaver(emulator, second.access_token)).status).toBe(200);
  });

  it("keeps one token for each application, type and account", async () => {
    await using emulator = await startFrozen({ naver: { accounts: "any" } });
    const own = (await askNaver(emulator)).body.access_token;
    const seller = (await askNaver(emulator, { type: "SELLER", account_id: "one" })).body.access_token;
    const another = (await askNaver(emulator, { type: "SELLER", account_id: "two" })).body.access_token;
    expect(new Set([own, seller, another]).size).toBe(3);
    expect((await callNaver(emulator, own)).body.accountId).toBe("own-shop-of-emulatedNaverClient001");
    expect((await callNaver(emulator, seller)).body.accountId).toBe("one");
    expect((await callNaver(emulator, another)).body.accountId).toBe("two");
  });

  it("issues a new token after a revocation, or the refused token again, by an option", async () => {
    await using emulator = await startFrozen();
    const first = (await askNaver(emulator)).body.access_token;
    expect(emulator.revoke("naver", first)).toBe(1);
    const second = (await askNaver(emulator)).body.access_token;
    expect(second).not.toBe(first);
    emulator.revoke("naver", undefined, { reissue: "same-token" });
    expect((await askNaver(emulator)).body.access_token).toBe(second);
    expect((await callNaver(emulator, second)).status).toBe(401);
  });
});

describe("the parameters", () => {
  it.each(["client_id", "timestamp", "client_secret_sign", "type"])("are refused without %s", async (name) => {
    await using emulator = await startFrozen();
    const parameters = { ...naverParameters(emulator), [name]: undefined };
    const { status, body, headers } = await postForm(emulator.naver.tokenUrl, parameters);
    expect(status).toBe(400);
    expect(body).toEqual({
      code: "BAD_REQUEST",
      message: `${name} 항목이 누락되었습니다.`,
      timestamp: "2026-11-15T12:33:20.000+09:00",
      invalidInputs: [{ name, type: "NotBlank", message: `${name} 항목이 누락되었습니다.` }],
      data: null,
    });
    expect(headers.get("gncp-gw-trace-id")).toMatch(/\S/);
  });

  it("need the account_id of a known account with SELLER", async () => {
    await using emulator = await startFrozen();
    const missing = await askNaver(emulator, { type: "SELLER" });
    expect(missing).toMatchObject({ status: 400, body: { invalidInputs: [{ name: "account_id", type: "NotBlank" }] } });
    const unknown = await askNaver(emulator, { type: "SELLER", account_id: "ncp_unknown" });
    expect(unknown).toMatchObject({ status: 400, body: { invalidInputs: [{ name: "account_id", type: "NotValid" }] } });
    const { accountId } = emulator.naver.credentials;
    expect((await askNaver(emulator, { type: "SELLER", account_id: accountId })).status).toBe(200);
  });

  it("accept the accounts of a function", async () => {
    const accounts = (accountId: string, clientId: string) => accountId === `seller-of-${clientId}`;
    await using emulator = await startFrozen({ naver: { accounts } });
    const { clientId } = emulator.naver.credentials;
    const status = async (account_id: string) => (await askNaver(emulator, { type: "SELLER", account_id })).status;
    expect(await status(`seller-of-${clientId}`)).toBe(200);
    expect(await status("seller-of-nobody")).toBe(400);
  });

  it("are refused with another type or grant_type", async () => {
    await using emulator = await startFrozen();
    expect((await askNaver(emulator, { type: "OTHER" })).body.invalidInputs[0]?.name).toBe("type");
    expect((await askNaver(emulator, { grant_type: "password" })).body.invalidInputs[0]?.name).toBe("grant_type");
  });

  it("are accepted by POST only", async () => {
    await using emulator = await startFrozen();
    const { status, body } = await seen(fetch(emulator.naver.tokenUrl));
    expect([status, body.code]).toEqual([404, "GW.NOT_FOUND"]);
  });

  it("give a token with the lifetime of the rule", async () => {
    await using emulator = await startFrozen({ naver: { lifetimeSeconds: 60 } });
    const first = (await askNaver(emulator)).body;
    expect(first.expires_in).toBe(60);
    emulator.clock.advance(60 * SECOND);
    expect((await callNaver(emulator, first.access_token)).status).toBe(401);
  });
});

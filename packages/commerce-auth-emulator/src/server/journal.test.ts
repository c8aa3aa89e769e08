import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import {
  askIamport,
  askNaver,
  askToss,
  callNaver,
  callToss,
  naverParameters,
  postForm,
  postJson,
  START,
  seen,
  startFrozen,
} from "../clients.test-support.ts";

describe("the journal", () => {
  it("records the time, the endpoint, the request and the status", async () => {
    await using emulator = await startFrozen();
    await askToss(emulator, { client_secret: "wrong" });
    expect(emulator.journal).toMatchObject([
      {
        sequence: 1,
        at: START,
        endpoint: "toss.token",
        method: "POST",
        path: "/toss/token",
        queryNames: [],
        contentType: "application/x-www-form-urlencoded;charset=UTF-8",
        tokenId: undefined,
        faults: [],
        status: 401,
      },
    ]);
  });

  it("identifies the token that iamport's envelope issues, and none where a request is refused", async () => {
    await using emulator = await startFrozen();
    const token = (await askIamport(emulator)).body.response.access_token;
    await askIamport(emulator, { imp_secret: "wrong" });
    const id = createHash("sha256").update(token).digest("hex").slice(0, 16);
    expect(emulator.journal.map(({ issuedTokenId }) => issuedTokenId)).toEqual([id, undefined]);
  });

  it("shows a form's parameters in their order, with the values that are no secret", async () => {
    await using emulator = await startFrozen();
    const { accountId } = emulator.naver.credentials;
    await askNaver(emulator, { type: "SELLER", account_id: accountId });
    expect(emulator.journal[0]?.body.parameters).toEqual([
      { name: "client_id", value: "[redacted]" },
      { name: "timestamp", value: String(START - 1000) },
      { name: "client_secret_sign", value: "[redacted]" },
      { name: "grant_type", value: "client_credentials" },
      { name: "type", value: "SELLER" },
      { name: "account_id", value: accountId },
    ]);
  });

  it("identifies tokens by the first 16 hex digits of their SHA-256", async () => {
    await using emulator = await startFrozen();
    const token = (await askToss(emulator)).body.access_token;
    await callToss(emulator, token);
    const id = createHash("sha256").update(token).digest("hex").slice(0, 16);
    expect(emulator.journal[0]).toMatchObject({ endpoint: "toss.token", tokenId: undefined, issuedTokenId: id });
    expect(emulator.journal.at(-1)).toMatchObject({ endpoint: "toss.api", tokenId: id });
  });

  it("proves by length and SHA-256 that two bodies were the same bytes", async () => {
    await using emulator = await startFrozen();
    const token = (await askNaver(emulator)).body.access_token;
    const url = `${emulator.naver.apiBaseUrl}/v1/pay-order/seller/product-orders/query`;
    const body = { productOrderIds: ["주문 1"] };
    for (let call = 0; call < 2; call += 1) await postJson(url, body, { Authorization: `Bearer ${token}` });
    await postJson(url, { productOrderIds: ["주문 2"] }, { Authorization: `Bearer ${token}` });
    const [first, second, third] = emulator.journal.slice(-3).map((entry) => entry.body);
    expect(first).toEqual({
      length: Buffer.byteLength(JSON.stringify(body)),
      sha256: createHash("sha256").update(JSON.stringify(body)).digest("hex"),
      parameters: undefined,
    });
    expect(second).toEqual(first);
    expect(third?.sha256).not.toBe(first?.sha256);
  });

  it("holds no token, secret or signature, wherever the client put it", async () => {
    await using emulator = await startFrozen();
    const { toss, naver, iamport } = emulator;
    const secrets = [toss.credentials.secretKey, naver.credentials.clientSecret, iamport.credentials.impSecret];
    for (const ask of [askToss, askNaver, askIamport]) {
      const { body } = await ask(emulator);
      secrets.push(body.access_token ?? body.response.access_token);
    }
    const parameters = naverParameters(emulator);
    secrets.push(String(parameters["client_secret_sign"]));
    const query = new URLSearchParams(parameters as Record<string, string>);
    await seen(fetch(`${naver.tokenUrl}?${query}`, { method: "POST" }));
    for (const secret of secrets) {
      const headers = {
        Authorization: `Bearer ${secret}`,
        Cookie: secret,
        "X-Api-Key": secret,
        "client-secret": secret,
      };
      await seen(fetch(`${naver.apiBaseUrl}/v1/seller/account?token=${secret}&${secret}`, { headers }));
      await seen(fetch(toss.tokenUrl, { method: "POST", body: secret }));
    }
    const written = JSON.stringify(emulator.journal);
    for (const secret of secrets) expect(written).not.toContain(secret);
    expect(written).toContain('"queryNames":["client_id","timestamp","client_secret_sign","grant_type","type"]');
  });

  it("records requests to unknown paths, under an endpoint of their own", async () => {
    await using emulator = await startFrozen();
    expect((await seen(fetch(`${emulator.origin}/favicon.ico`))).status).toBe(404);
    expect(emulator.journal).toMatchObject([{ endpoint: "unknown", path: "/favicon.ico", status: 404 }]);
  });

  it("drops the oldest entries beyond its limit, and continues the sequence", async () => {
    await using emulator = await startFrozen({ journalLimit: 10 });
    for (let call = 0; call < 25; call += 1) await callNaver(emulator, "x");
    expect(emulator.journal.length).toBeGreaterThanOrEqual(10);
    expect(emulator.journal.length).toBeLessThanOrEqual(11);
    expect(emulator.journal.at(-1)?.sequence).toBe(25);
    expect(emulator.requestCount("naver.api")).toBe(25);
  });

  it("has small entries, whatever a client sends", async () => {
    await using emulator = await startFrozen();
    const long = "a".repeat(10_000);
    const many = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=1`).join("&");
    const post = (url: string, body: string) => seen(fetch(url, { method: "POST", body }));
    for (const { tokenUrl, apiBaseUrl } of [emulator.toss, emulator.naver, emulator.iamport]) {
      await postForm(tokenUrl, { scope: long, type: long, account_id: long });
      await postJson(tokenUrl, { scope: [long, long], [long]: long });
      await post(`${tokenUrl}?${many(500)}&${"q".repeat(5_000)}`, many(2_000));
      const headers = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, "b".repeat(50)]));
      await seen(fetch(`${apiBaseUrl}/${"d".repeat(3_000)}`, { headers: { "X-Long": "c".repeat(2_000), ...headers } }));
    }
    expect(emulator.journal).toHaveLength(12);
    for (const entry of emulator.journal) expect(JSON.stringify(entry).length).toBeLessThan(16_000);
  });

  it("keeps no memory of large requests: 24 of 3 MB leave nothing", async () => {
    await using emulator = await startFrozen();
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const send = async () => {
      const form = Buffer.from(`scope=${"s".repeat(100)}&${"&x=1".repeat(750_000)}`);
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      for (const { tokenUrl, apiBaseUrl } of [emulator.toss, emulator.naver, emulator.iamport]) {
        for (const url of [tokenUrl, `${apiBaseUrl}/payments/prepare`]) {
          await fetch(url, { method: "POST", body: form, headers })
            .then((answer) => answer.text())
            .catch(() => {});
        }
      }
    };
    const used = () => {
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    await send();
    const before = used();
    for (let round = 0; round < 4; round += 1) await send();
    // The client's own buffers take a moment to be free.
    await expect.poll(() => used() - before, { interval: 100 }).toBeLessThan(20_000_000);
  });
});

import { describe, expect, it } from "vitest";
import {
  askNaver,
  callNaver,
  DAY,
  getWith,
  HOUR,
  MINUTE,
  naverParameters,
  postForm,
  postJson,
  SECOND,
  START,
  seen,
  startFrozen,
} from "../clients.test-support.ts";
import type { Emulator } from "../emulator.ts";

/** Midnight in Korea after START, which is 12:33:20 there. */
const NEXT_KOREAN_DAY = START - (12 * HOUR + 33 * 60 * SECOND + 20 * SECOND) + DAY;

describe("the gateway", () => {
  it("answers GW.AUTHN to a missing and to a wrong token, with a trace id in header and body", async () => {
    await using emulator = await startFrozen();
    for (const answer of [
      await seen(fetch(`${emulator.naver.apiBaseUrl}/v1/seller/account`)),
      await callNaver(emulator, "x"),
    ]) {
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        code: "GW.AUTHN",
        message: expect.any(String),
        timestamp: "2026-11-15T12:33:20.000+09:00",
        traceId: answer.headers.get("gncp-gw-trace-id"),
      });
    }
  });

  it("answers GW.NOT_FOUND to a path it does not know", async () => {
    await using emulator = await startFrozen();
    const token = (await askNaver(emulator)).body.access_token;
    const answer = await getWith(token, `${emulator.naver.apiBaseUrl}/v1/nothing`);
    expect(answer).toMatchObject({ status: 404, body: { code: "GW.NOT_FOUND" } });
  });

  it("reports the rate limit in its headers, and answers 429 GW.RATE_LIMIT when the bucket is empty", async () => {
    await using emulator = await startFrozen({ naver: { rateLimit: { replenishRate: 1, burstCapacity: 2 } } });
    const token = (await askNaver(emulator)).body.access_token;
    const remaining = [];
    for (let call = 0; call < 3; call += 1) {
      const { status, headers } = await callNaver(emulator, token);
      remaining.push([status, headers.get("gncp-gw-ratelimit-remaining")]);
    }
    expect(remaining).toEqual([
      [200, "1"],
      [200, "0"],
      [429, "0"],
    ]);
    const limited = await callNaver(emulator, token);
    expect(limited.body.code).toBe("GW.RATE_LIMIT");
    expect(limited.headers.get("gncp-gw-ratelimit-replenish-rate")).toBe("1");
    expect(limited.headers.get("gncp-gw-ratelimit-burst-capacity")).toBe("2");
    emulator.clock.advance(SECOND);
    expect((await callNaver(emulator, token)).status).toBe(200);
  });

  it.each([
    ["GW.AUTHN", "GW.AUTHN", 401],
    ["GW.AUTHZ", "GW.AUTHZ", 403],
    ["403 GW.AUTHN", "GW.AUTHN", 403],
  ] as const)(
    "answers a missing permission with %s by the switch, though the token is good",
    async (missingPermission, code, status) => {
      await using emulator = await startFrozen({ naver: { deniedRoutes: ["seller-account"], missingPermission } });
      const first = (await askNaver(emulator)).body.access_token;
      expect(await callNaver(emulator, first)).toMatchObject({ status, body: { code } });
      expect((await askNaver(emulator)).body.access_token).toBe(first);
      const product = await getWith(first, `${emulator.naver.apiBaseUrl}/v2/products/channel-products/77`);
      expect(product.body.smartstoreChannelProduct.channelProductNo).toBe(77);
    },
  );

  it.each([
    ["product-attributes", "/v1/product-attributes/attributes", ["categoryId"]],
    ["order-changes", "/v1/pay-order/seller/product-orders/last-changed-statuses", ["lastChangedFrom"]],
    ["inquiries", "/v1/pay-user/inquiries", ["startSearchDate", "endSearchDate"]],
    ["settlements", "/v1/pay-settle/settle/daily", ["startDate", "endDate"]],
  ] as const)("names the missing parameters of %s, to those who may call it only", async (route, path, names) => {
    await using emulator = await startFrozen();
    const token = (await askNaver(emulator)).body.access_token;
    const url = emulator.naver.apiBaseUrl + path;
    const missing = await getWith(token, url);
    expect(missing.status).toBe(400);
    expect(missing.body.invalidInputs.map(({ name }: { name: string }) => name)).toEqual(names);
    const query = new URLSearchParams(Object.fromEntries(names.map((name) => [name, "2026-01-01"])));
    expect(await getWith(token, `${url}?${query}`)).toMatchObject({ status: 200, body: { data: [] } });

    await using denying = await startFrozen({ naver: { deniedRoutes: [route] } });
    const denied = await getWith((await askNaver(denying)).body.access_token, denying.naver.apiBaseUrl + path);
    expect(denied).toMatchObject({ status: 401, body: { code: "GW.AUTHN" } });
  });

  it("takes product order ids, and names the body's field where they are missing", async () => {
    await using emulator = await startFrozen();
    const headers = { Authorization: `Bearer ${(await askNaver(emulator)).body.access_token}` };
    const url = `${emulator.naver.apiBaseUrl}/v1/pay-order/seller/product-orders/query`;
    const found = await postJson(url, { productOrderIds: ["2026110100001"] }, headers);
    expect(found.body.data).toMatchObject([{ productOrder: { productOrderId: "2026110100001" } }]);
    const refused = await postJson(url, {}, headers);
    expect(refused).toMatchObject({ status: 400, body: { invalidInputs: [{ name: "productOrderIds" }] } });
  });
});

type Ask = (emulator: Emulator) => ReturnType<typeof askNaver>;

const queryString: Ask = (emulator) => {
  const query = new URLSearchParams(naverParameters(emulator) as Record<string, string>);
  return seen(
    fetch(`${emulator.naver.tokenUrl}?${query}`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    }),
  );
};

const OFF_FORM: [string, Ask, string][] = [
  ["parameters in the query string, as the blog sends them", queryString, "parameters in the query string"],
  [
    "one parameter in the query string",
    (emulator) => postForm(`${emulator.naver.tokenUrl}?type=SELF`, naverParameters(emulator)),
    "parameters in the query string",
  ],
  [
    "another content type",
    (emulator) => postForm(emulator.naver.tokenUrl, naverParameters(emulator), { "Content-Type": "text/plain" }),
    "content type",
  ],
  ["a JSON body", (emulator) => postJson(emulator.naver.tokenUrl, naverParameters(emulator)), "content type"],
  ["a lower-case type", (emulator) => askNaver(emulator, { type: "self" }), "type not in upper case in the body"],
  [
    "account_id with SELF",
    (emulator) => askNaver(emulator, { account_id: emulator.naver.credentials.accountId }),
    "account_id without SELLER",
  ],
  ["no grant_type", (emulator) => askNaver(emulator, { grant_type: undefined }), "no grant_type in the body"],
];

describe("the penalty for an off-form token request", () => {
  it.each(OFF_FORM)("follows this request, which still gets its token: %s", async (_form, ask, reason) => {
    await using emulator = await startFrozen({ naver: { offFormPenalty: "at-once" } });
    const { status, body } = await ask(emulator);
    expect(status).toBe(200);
    expect(emulator.journal[0]?.offForm[0]).toBe(reason);
    expect((await callNaver(emulator, body.access_token)).status).toBe(200);
    expect((await callNaver(emulator, body.access_token)).status).toBe(429);
  });

  it("does not follow the documented form, with SELF and with SELLER, with a charset or without", async () => {
    await using emulator = await startFrozen({ naver: { offFormPenalty: "at-once" } });
    const { accountId } = emulator.naver.credentials;
    const seller = naverParameters(emulator, { type: "SELLER", account_id: accountId });
    await askNaver(emulator);
    const { body } = await postForm(emulator.naver.tokenUrl, seller, {
      "Content-Type": "application/x-www-form-urlencoded",
    });
    for (let call = 0; call < 3; call += 1) expect((await callNaver(emulator, body.access_token)).status).toBe(200);
    expect(emulator.journal.flatMap(({ offForm }) => offForm)).toEqual([]);
  });

  it("begins with the next Korean day: one call per hour for the whole application, with the documented error", async () => {
    await using emulator = await startFrozen();
    await queryString(emulator);
    emulator.clock.set(NEXT_KOREAN_DAY - 1);
    const before = (await askNaver(emulator)).body.access_token;
    for (let call = 0; call < 3; call += 1) expect((await callNaver(emulator, before)).status).toBe(200);

    emulator.clock.set(NEXT_KOREAN_DAY);
    expect((await callNaver(emulator, before)).status).toBe(200);
    const refused = await callNaver(emulator, before);
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({
      code: "GW.QUOTA_LIMIT",
      message: "할당된 시간당 요청량을 초과하였습니다.",
      timestamp: "2026-11-16T00:00:00.000+09:00",
      traceId: refused.headers.get("gncp-gw-trace-id"),
    });
    expect(refused.headers.get("gncp-gw-quota-period")).toBe("HOURS");
    expect(refused.headers.get("gncp-gw-quota-limit")).toBe("1");
    expect(refused.headers.get("gncp-gw-quota-remaining")).toBe("0");

    emulator.clock.advance(HOUR);
    expect((await callNaver(emulator, before)).status).toBe(200);
    expect((await callNaver(emulator, before)).status).toBe(429);
  });

  it("ends after that day, unless the day had an off-form request too", async () => {
    await using emulator = await startFrozen();
    await queryString(emulator);
    emulator.clock.set(NEXT_KOREAN_DAY + DAY - MINUTE);
    const { access_token } = (await askNaver(emulator)).body;
    await callNaver(emulator, access_token);
    expect((await callNaver(emulator, access_token)).status).toBe(429);
    emulator.clock.advance(MINUTE);
    for (let call = 0; call < 3; call += 1) expect((await callNaver(emulator, access_token)).status).toBe(200);
    await queryString(emulator);
    emulator.clock.advance(DAY);
    const next = (await askNaver(emulator)).body.access_token;
    await callNaver(emulator, next);
    expect((await callNaver(emulator, next)).status).toBe(429);
  });

  it.each([
    ["replenish-rate", "1"],
    ["none", "2"],
  ] as const)("is announced by the replenish rate before it begins, by the switch: %s", async (penaltyHerald, rate) => {
    await using emulator = await startFrozen({ naver: { rateLimit: "documented", penaltyHerald } });
    const replenishRate = async () => {
      const { headers } = await callNaver(emulator, (await askNaver(emulator)).body.access_token);
      return headers.get("gncp-gw-ratelimit-replenish-rate");
    };
    expect(await replenishRate()).toBe("2");
    await queryString(emulator);
    expect(await replenishRate()).toBe(rate);
    emulator.clock.set(NEXT_KOREAN_DAY + DAY);
    expect(await replenishRate()).toBe("2");
  });

  it("holds for all sellers of the application, and for no other application; token requests are still answered", async () => {
    const clientSecret = "$2a$04$abcdefghijklmnopqrstuv";
    const applications = [
      { clientId: "bad", clientSecret },
      { clientId: "good", clientSecret },
    ];
    await using emulator = await startFrozen({ naver: { applications, accounts: "any", offFormPenalty: "at-once" } });
    await queryString(emulator);
    const tokenOf = async (client_id: string, account_id: string) => {
      const { status, body } = await askNaver(emulator, { client_id, type: "SELLER", account_id });
      expect(status).toBe(200);
      return body.access_token;
    };
    expect((await callNaver(emulator, await tokenOf("bad", "one"))).status).toBe(200);
    expect((await callNaver(emulator, await tokenOf("bad", "two"))).status).toBe(429);
    const good = await tokenOf("good", "one");
    expect((await callNaver(emulator, good)).status).toBe(200);
    expect((await callNaver(emulator, good)).status).toBe(200);
  });

  it("does not follow a refused off-form request: anyone could send it", async () => {
    await using emulator = await startFrozen({ naver: { offFormPenalty: "at-once" } });
    expect((await askNaver(emulator, { type: "self", client_secret_sign: "bm8=" })).status).toBe(403);
    const { access_token } = (await askNaver(emulator)).body;
    await callNaver(emulator, access_token);
    expect((await callNaver(emulator, access_token)).status).toBe(200);
  });

  it("can be switched off, and ends with a reset", async () => {
    await using lenient = await startFrozen({ naver: { offFormPenalty: "off" } });
    const { access_token } = (await queryString(lenient)).body;
    await callNaver(lenient, access_token);
    expect((await callNaver(lenient, access_token)).status).toBe(200);

    await using strict = await startFrozen({ naver: { offFormPenalty: "at-once" } });
    await queryString(strict);
    strict.reset();
    const fresh = (await askNaver(strict)).body.access_token;
    await callNaver(strict, fresh);
    expect((await callNaver(strict, fresh)).status).toBe(200);
  });
});

import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { NaverApiError, naverRateLimit, naverResult } from "./index.ts";

const answer = (body: unknown, init?: ResponseInit) =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), init);

const errorOf = async (response: Response): Promise<NaverApiError> => {
  const thrown = await naverResult(response).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(NaverApiError);
  return thrown as NaverApiError;
};

const RATE_HEADERS = {
  "GNCP-GW-RateLimit-Remaining": "0",
  "GNCP-GW-RateLimit-Replenish-Rate": "2",
  "GNCP-GW-RateLimit-Burst-Capacity": "4",
  "GNCP-GW-Quota-Period": "HOURS",
  "GNCP-GW-Quota-Limit": "1",
  "GNCP-GW-Quota-Remaining": "0",
};
const RATE_LIMIT = {
  remaining: 0,
  replenishRate: 2,
  burstCapacity: 4,
  quotaPeriod: "HOURS",
  quotaLimit: 1,
  quotaRemaining: 0,
};
const NO_LIMITS = Object.fromEntries(Object.keys(RATE_LIMIT).map((name) => [name, undefined]));

describe("naverResult", () => {
  it.each([{ accountId: "a" }, [], null, 1])("is the JSON of a success: %j", async (value) => {
    expect(await naverResult(answer(value))).toEqual(value);
    expect(await naverResult(Promise.resolve(answer(value)))).toEqual(value);
  });

  it("is undefined if a success has no body", async () => {
    expect(await naverResult(new Response(null, { status: 204 }))).toBeUndefined();
    expect(await naverResult(answer(""))).toBeUndefined();
  });

  it("throws Naver's error object, with the trace id of the header first", async () => {
    const invalidInputs = [{ name: "productOrderIds", type: "NotBlank", message: "항목이 누락되었습니다." }];
    const body = { code: "BAD_REQUEST", message: "잘못된 요청", timestamp: "2026", traceId: "in-body", invalidInputs };
    expect(await errorOf(answer(body, { status: 400 }))).toMatchObject({
      name: "NaverApiError",
      message: "Naver responded with HTTP 400 and BAD_REQUEST: 잘못된 요청",
      code: "BAD_REQUEST",
      reason: "잘못된 요청",
      invalidInputs,
      traceId: "in-body",
      providerStatus: 400,
      isRateLimited: false,
      rateLimit: NO_LIMITS,
      retryAfterMs: undefined,
    });
    const headers = { "gncp-gw-trace-id": "in-header" };
    expect(await errorOf(answer(body, { status: 400, headers }))).toMatchObject({ traceId: "in-header" });
  });

  it.each(["GW.RATE_LIMIT", "GW.QUOTA_LIMIT"])("recognises %s as a rate limit, and reads its headers", async (code) => {
    const headers = { ...RATE_HEADERS, "retry-after": "3" };
    expect(await errorOf(answer({ code, message: null }, { status: 429, headers }))).toMatchObject({
      message: `Naver responded with HTTP 429 and ${code}`,
      code,
      reason: undefined,
      isRateLimited: true,
      rateLimit: RATE_LIMIT,
      retryAfterMs: 3_000,
    });
  });

  it.each<[string, number]>([
    ["<html>", 200],
    ["<html>", 502],
    ["{}", 500],
    ['{"code":1}', 400],
  ])("finds neither a success nor an error object in %s with HTTP %i", async (body, status) => {
    const thrown = await errorOf(answer(body, { status }));
    expect(thrown).toMatchObject({ code: undefined, reason: undefined, invalidInputs: [], providerStatus: status });
    expect(inspect(thrown)).not.toContain("<html>");
  });
});

describe("naverRateLimit", () => {
  it("reads the headers of any response, and ignores malformed ones", () => {
    expect(naverRateLimit(new Headers(RATE_HEADERS))).toEqual(RATE_LIMIT);
    expect(naverRateLimit(new Headers())).toEqual(NO_LIMITS);
    const remaining = (value: string) =>
      naverRateLimit(new Headers({ "gncp-gw-ratelimit-remaining": value })).remaining;
    expect(remaining("12")).toBe(12);
    for (const value of ["many", "12 calls", "about 12", "-1", ""]) expect(remaining(value)).toBeUndefined();
  });
});

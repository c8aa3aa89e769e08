import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { IamportApiError, iamportResult } from "./index.ts";

const answer = (body: unknown, init?: ResponseInit) =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), init);

const errorOf = async (response: Response): Promise<IamportApiError> => {
  const thrown = await iamportResult(response).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(IamportApiError);
  return thrown as IamportApiError;
};

describe("iamportResult", () => {
  it.each([{ imp_uid: "imp_1" }, [], null])("is the response of code 0: %j", async (response) => {
    expect(await iamportResult(answer({ code: 0, message: null, response }))).toEqual(response);
    expect(await iamportResult(Promise.resolve(answer({ code: 0, response })))).toEqual(response);
  });

  it("throws the error inside HTTP 200", async () => {
    const message = "이미 등록된 merchant_uid입니다.";
    expect(await errorOf(answer({ code: 1, message, response: null }))).toMatchObject({
      name: "IamportApiError",
      message: `iamport responded with HTTP 200 and code 1: ${message}`,
      code: 1,
      reason: message,
      providerStatus: 200,
      isRateLimited: false,
      retryAfterMs: undefined,
    });
  });

  it.each([null, undefined])("accepts a failure whose message is %s", async (message) => {
    const thrown = await errorOf(answer({ code: -1, message, response: null }, { status: 404 }));
    expect(thrown).toMatchObject({ code: -1, reason: undefined, providerStatus: 404 });
    expect(thrown.message).toBe("iamport responded with HTTP 404 and code -1");
  });

  it("recognises a rate limit", async () => {
    const init = { status: 429, headers: { "retry-after": "3" } };
    expect(await errorOf(answer("", init))).toMatchObject({ isRateLimited: true, retryAfterMs: 3_000 });
  });

  it.each<[unknown, number]>([
    ["", 200],
    ["<html>", 502],
    [{}, 200],
    [null, 200],
    [{ code: "0", response: 1 }, 200],
    [{ response: 1 }, 200],
  ])("throws for %j with HTTP %i", async (body, status) => {
    const thrown = await errorOf(answer(body, { status }));
    expect(thrown).toMatchObject({ code: undefined, reason: undefined, providerStatus: status });
    expect(inspect(thrown)).not.toContain("<html>");
  });

  it("throws for code 0 with an error status", async () => {
    expect(await errorOf(answer({ code: 0, response: 1 }, { status: 500 }))).toMatchObject({
      code: 0,
      providerStatus: 500,
    });
  });
});

import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { TossApiError, tossResult } from "./index.ts";

const answer = (body: unknown, init?: ResponseInit) =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), init);

const errorOf = async (response: Response): Promise<TossApiError> => {
  const thrown = await tossResult(response).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(TossApiError);
  return thrown as TossApiError;
};

describe("tossResult", () => {
  it.each([{ items: [] }, 1, "text", null, false])("is the value of a success: %j", async (success) => {
    expect(await tossResult(answer({ resultType: "SUCCESS", success }))).toEqual(success);
    expect(await tossResult(Promise.resolve(answer({ resultType: "SUCCESS", success })))).toEqual(success);
  });

  it("is undefined if a success has no value", async () => {
    expect(await tossResult(answer({ resultType: "SUCCESS" }))).toBeUndefined();
  });

  it("throws the error inside HTTP 200", async () => {
    const error = { errorCode: "INVALID_REQUEST", reason: "id must be a number." };
    expect(await errorOf(answer({ resultType: "FAIL", error }))).toMatchObject({
      name: "TossApiError",
      message: "Toss Shopping responded with HTTP 200 and INVALID_REQUEST: id must be a number.",
      ...error,
      providerStatus: 200,
      isRateLimited: false,
      retryAfterMs: undefined,
    });
  });

  it.each([null, undefined])("accepts a failure whose reason is %s", async (reason) => {
    const thrown = await errorOf(answer({ resultType: "FAIL", error: { errorCode: "X", reason } }));
    expect(thrown).toMatchObject({ errorCode: "X", reason: undefined });
    expect(thrown.message).toBe("Toss Shopping responded with HTTP 200 and X");
  });

  it.each<[unknown, ResponseInit?]>([
    [{ resultType: "FAIL", error: { errorCode: "TOO_MANY_REQUEST" } }, { headers: { "retry-after": "3" } }],
    ["<html>", { status: 429, headers: { "retry-after": "3" } }],
  ])("recognises a rate limit by its code and by its status: %j", async (body, init) => {
    expect(await errorOf(answer(body, init))).toMatchObject({ isRateLimited: true, retryAfterMs: 3_000 });
  });

  it.each<[unknown, number]>([
    ["", 200],
    ["<html>", 502],
    [{}, 200],
    [null, 200],
    [{ resultType: "FAIL" }, 200],
    [{ resultType: "FAIL", error: null }, 200],
    [{ resultType: "OTHER", success: 1 }, 200],
    [{ resultType: "SUCCESS", success: 1 }, 500],
  ])("throws for %j with HTTP %i", async (body, status) => {
    const thrown = await errorOf(answer(body, { status }));
    expect(thrown).toMatchObject({ errorCode: undefined, reason: undefined, providerStatus: status });
    expect(thrown.message).toBe(`Toss Shopping responded with HTTP ${status} and a response that is not its envelope`);
    expect(inspect(thrown)).not.toContain("<html>");
  });
});

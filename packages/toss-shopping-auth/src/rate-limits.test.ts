import { startEmulator } from "@x/commerce-auth-emulator";
import type { ApiAnswer } from "@x/token-cache-core/provider";
import { describe, expect, it } from "vitest";
import { createTossShoppingAuth, tossResult } from "./index.ts";
import { rateLimits } from "./rate-limits.ts";

const TOO_MANY = { resultType: "FAIL", error: { errorCode: "TOO_MANY_REQUEST", reason: "요청이 너무 많습니다." } };

function answer(
  body: unknown,
  init: { status?: number; method?: string; headers?: Record<string, string> } = {},
): ApiAnswer {
  const { status = 200, method = "GET", headers } = init;
  return { method, status, headers: new Headers(headers), readJson: async () => body };
}

it.each([
  ["GET", "/api/v3/shopping-fep/code/products", "reads", 50],
  ["HEAD", "/api/v3/shopping-fep/code/orders", "reads", 50],
  ["POST", "/api/v3/shopping-fep/code/products", "product changes", 10],
  ["PUT", "/api/v3/shopping-fep/products/12", "product changes", 10],
  ["POST", "/api/v3/shopping-fep/code/orders/12/confirm", "other writes", 20],
  ["POST", "/api/v3/shopping-fep/code/orders/products", "other writes", 20],
])("the lane of %s %s is %s", (method, path, name, perSecond) => {
  const url = new URL(path, "https://shopping-fep.toss.im");
  expect(rateLimits.laneOf({ method, url })).toEqual({ name, limit: { perSecond } });
});

it.each([
  ["TOO_MANY_REQUEST in a 200", answer(TOO_MANY), true],
  ["429", answer(undefined, { status: 429 }), true],
  ["another failure", answer({ resultType: "FAIL", error: { errorCode: "NOT_FOUND" } }), false],
  ["a success", answer({ resultType: "SUCCESS", success: {} }), false],
  ["a body of 1 KiB", answer(TOO_MANY, { headers: { "content-length": "1024" } }), true],
  ["a body that is too large for a failure", answer(TOO_MANY, { headers: { "content-length": "1025" } }), false],
  ["a HEAD", answer(TOO_MANY, { method: "HEAD" }), false],
  ["no JSON", answer(undefined), false],
  ["null", answer(null), false],
  ["another status", answer(TOO_MANY, { status: 500 }), false],
])("%s is a refusal for the rate: %s", async (_, given, isRefusal) => {
  const refusal = await rateLimits.refusal(given, { wall: () => 0 });
  expect(refusal !== undefined).toBe(isRefusal);
  // Nobody says whether Toss processed such a call.
  if (isRefusal) expect(refusal?.isUnprocessed).toBe(false);
});

describe("over real sockets", { tags: ["slow"] }, () => {
  it("reads keep the documented limit, whatever the emulator's window", async () => {
    await using emulator = await startEmulator({ toss: { rateLimit: "seen" } });
    const { credentials, tokenUrl, apiBaseUrl } = emulator.toss;
    await using auth = createTossShoppingAuth({ ...credentials, tokenUrl, apiBaseUrl });
    const calls = Array.from({ length: 70 }, () => tossResult(auth.api.get("products/categories/children")));
    await Promise.all(calls);
    expect(emulator.limitedCount("toss.api")).toBe(0);
  });

  it("a refused read is sent again, a refused write is not", async () => {
    await using emulator = await startEmulator();
    const { credentials, tokenUrl, apiBaseUrl } = emulator.toss;
    await using auth = createTossShoppingAuth({ ...credentials, tokenUrl, apiBaseUrl });
    const refuseOnce = () =>
      emulator.fault({ endpoint: "toss.api", kind: "provider-error", code: "TOO_MANY_REQUEST", times: 1 });
    refuseOnce();
    await tossResult(auth.api.get("products/categories/children"));
    expect(emulator.requestCount("toss.api")).toBe(2);
    refuseOnce();
    const write = tossResult(auth.api.post("products", { json: { name: "책상" } }));
    await expect(write).rejects.toMatchObject({ errorCode: "TOO_MANY_REQUEST" });
    expect(emulator.requestCount("toss.api")).toBe(3);
  });
});

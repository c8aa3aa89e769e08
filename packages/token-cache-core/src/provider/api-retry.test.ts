import { expect, test } from "vitest";
import { apiRetry } from "./api-retry.ts";

const { shouldRetry } = apiRetry();
const answered = (headers: Record<string, string>) =>
  Object.assign(new Error("HTTP 503"), { response: new Response(null, { status: 503, headers }) });

test("the status decides on an answer that names no time, and on an error without an answer", () => {
  expect(shouldRetry({ error: answered({}) })).toBeUndefined();
  expect(shouldRetry({ error: new TypeError("fetch failed") })).toBeUndefined();
});

test("an answer with Retry-After is left to the caller", () => {
  expect(shouldRetry({ error: answered({ "retry-after": "3600" }) })).toBe(false);
});

test("a client that changes its rule changes no other client's", () => {
  apiRetry().statusCodes.push(429);
  expect(apiRetry().statusCodes).toEqual([408, 500, 502, 503, 504]);
});

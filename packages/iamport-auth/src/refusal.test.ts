import { expect, it } from "vitest";
import { isRefused } from "./refusal.ts";

it.each([200, 400, 403, 404, 405, 429, 500, 503])("HTTP %i does not refuse the token", (status) => {
  expect(isRefused({ method: "GET", status, headers: new Headers(), readJson: async () => undefined })).toBe(false);
});

it("HTTP 401 does, whatever the body is, which is not read", () => {
  const readJson = () => expect.unreachable("the body was read");
  expect(isRefused({ method: "GET", status: 401, headers: new Headers(), readJson })).toBe(true);
});

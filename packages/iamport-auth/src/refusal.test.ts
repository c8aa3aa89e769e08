import { expect, it } from "vitest";
import { isRefused } from "./refusal.ts";

it("HTTP 401 refuses the token, whatever the body is, which is not read", () => {
  const readJson = () => expect.unreachable("the body was read");
  expect(isRefused({ method: "GET", status: 401, headers: new Headers(), readJson })).toBe(true);
});

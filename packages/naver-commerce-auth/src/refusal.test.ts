import { expect, it } from "vitest";
import { isRefused } from "./refusal.ts";

const answer = (status: number, body: unknown) => ({
  method: "GET",
  status,
  headers: new Headers(),
  readJson: async () => body,
});

it("401 with GW.AUTHN refuses the token", async () => {
  expect(await isRefused(answer(401, { code: "GW.AUTHN", message: "", traceId: "", extra: 1 }))).toBe(true);
});

it("401 to a HEAD refuses it too: there is no body to say more", async () => {
  expect(await isRefused({ ...answer(401, undefined), method: "HEAD" })).toBe(true);
});

it.each<[number, unknown]>([
  [401, { code: "GW.IP_NOT_ALLOWED" }],
  [401, { code: "GW.AUTHZ" }],
  [401, { code: "UNAUTHORIZED" }],
  [401, { code: "gw.authn" }],
  [401, { code: ["GW.AUTHN"] }],
  [401, { error: { code: "GW.AUTHN" } }],
  [401, "GW.AUTHN"],
  [401, null],
  [401, undefined],
  [403, { code: "GW.IP_NOT_ALLOWED" }],
  [403, { code: "GW.AUTHZ" }],
  [403, { code: "GW.AUTHN" }],
  [429, { code: "GW.RATE_LIMIT" }],
  [429, { code: "GW.QUOTA_LIMIT" }],
  [500, { code: "GW.AUTHN" }],
  [200, { code: "GW.AUTHN" }],
])("%i with %j does not", async (status, body) => {
  expect(await isRefused(answer(status, body))).toBe(false);
});

it("reads no body but that of a 401", async () => {
  const readJson = () => expect.unreachable("the body was read");
  expect(await isRefused({ method: "GET", status: 403, headers: new Headers(), readJson })).toBe(false);
});

import { startEmulator } from "@x/commerce-auth-emulator";
import { expect, it } from "vitest";
import { createIamportAuth, iamportResult } from "./index.ts";
import { rateLimits } from "./rate-limits.ts";

it("calls go out at once, since no limit is documented, and a refused read is sent again", async () => {
  await using emulator = await startEmulator();
  const { credentials, tokenUrl, apiBaseUrl } = emulator.iamport;
  const { impKey, impSecret } = credentials;
  await using auth = createIamportAuth({ impKey, impSecret, tokenUrl, apiBaseUrl });
  emulator.fault({ endpoint: "iamport.api", kind: "status", status: 429, times: 1 });
  await Promise.all(Array.from({ length: 20 }, () => iamportResult(auth.api.get("payments/imp_448280090638"))));
  expect(emulator.requestCount("iamport.api")).toBe(21);
});

it("a refused call may have been processed, and is sent again no sooner than iamport says", async () => {
  const headers = new Headers({ "retry-after": "7" });
  const answer = { method: "POST", status: 429, headers, readJson: async () => undefined };
  expect(await rateLimits.refusal(answer, { wall: () => 0 })).toEqual({ isUnprocessed: false, retryAfterMs: 7_000 });
});

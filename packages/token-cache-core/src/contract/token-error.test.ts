import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { TokenError, type TokenErrorCode } from "./token-error.ts";

describe("a TokenError", () => {
  test("case 30: is recognised by another copy of the package", async () => {
    const copy = (await import("./token-error.ts?another-copy" as "./token-error.ts")).TokenError;
    expect(copy).not.toBe(TokenError);
    const error = new copy("timeout", { message: "late" });
    expect(error).not.toBeInstanceOf(TokenError);
    expect(TokenError.is(error)).toBe(true);
    expect(copy.is(new TokenError("network", { message: "cut" }))).toBe(true);
  });

  test.each([undefined, null, "TokenError", 0, new Error("x"), { name: "TokenError", code: "timeout" }, () => {}])(
    "does not recognise a similar value: %s",
    (value) => {
      expect(TokenError.is(value)).toBe(false);
    },
  );

  test.each<[TokenErrorCode, boolean]>([
    ["invalid_options", false],
    ["invalid_credentials", false],
    ["clock_skew", false],
    ["ip_not_allowed", false],
    ["permission_denied", false],
    ["rate_limited", true],
    ["quota_exhausted", true],
    ["provider_unavailable", true],
    ["timeout", true],
    ["network", true],
    ["invalid_response", true],
    ["token_refused", false],
    ["origin_not_allowed", false],
    ["closed", false],
  ])("%s is a transient error: %s, unless it says otherwise", (code, retryable) => {
    expect(new TokenError(code, { message: "m" }).retryable).toBe(retryable);
    expect(new TokenError(code, { message: "m", retryable: !retryable }).retryable).toBe(!retryable);
  });

  test("is an Error that shows all its fields, as JSON too", () => {
    const told = {
      provider: "p",
      retryAfterMs: 5,
      providerStatus: 429,
      providerCode: "GW.RATE_LIMIT",
      traceId: "cr3-1:2",
    };
    const error = new TokenError("rate_limited", { message: "Wait.", ...told });
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toContain("TokenError: Wait.");
    const fields = { name: "TokenError", code: "rate_limited", message: "Wait.", retryable: true, ...told };
    expect(JSON.parse(JSON.stringify(error))).toEqual(fields);
    expect(error).toMatchObject(fields);
    expect(inspect(error)).toContain("GW.RATE_LIMIT");
  });

  test.each(["", "two words", "secret=abc", "a".repeat(65), "line\nend", "<html>"])(
    "case 23: keeps no provider code or trace id that may be an echo of something else: %o",
    (text) => {
      const error = new TokenError("network", { message: "m", providerCode: text, traceId: text });
      expect(error.providerCode).toBeUndefined();
      expect(error.traceId).toBeUndefined();
    },
  );

  test("case 23: has no cause", () => {
    expect("cause" in new TokenError("network", { message: "m" })).toBe(false);
  });
});

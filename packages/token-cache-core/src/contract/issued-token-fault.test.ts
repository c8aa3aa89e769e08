import { describe, expect, it } from "vitest";
import { issuedTokenFault } from "./issued-token-fault.ts";

const token = { value: "canary-token", tokenType: "Bearer", scope: "orders", lifetimeMs: 3_600_000 };

describe("case 44: the check of a token", () => {
  it.each([
    {},
    { tokenType: undefined, scope: undefined },
    { tokenType: "bearer" },
    { scope: "주문 조회" },
    { scope: "x".repeat(8_192) },
    { value: "x".repeat(8_192) },
    { lifetimeMs: 1 },
    { lifetimeMs: 10 * 365 * 24 * 3_600_000 },
  ])("accepts %o", (change) => {
    expect(issuedTokenFault({ ...token, ...change })).toBeUndefined();
  });

  it.each([
    [{ value: undefined }, "cannot stand in a header"],
    [{ value: "" }, "cannot stand in a header"],
    [{ value: "canary\r\nX-Admin: 1" }, "cannot stand in a header"],
    [{ value: "canary\u0000" }, "cannot stand in a header"],
    [{ value: "카나리아" }, "cannot stand in a header"],
    [{ value: ["canary"] }, "cannot stand in a header"],
    [{ value: "canary".repeat(2_000) }, "of 12000 characters"],
    [{ tokenType: "" }, "a token type"],
    [{ tokenType: "Bearer canary" }, "a token type"],
    [{ tokenType: "Bearer\r\n" }, "a token type"],
    [{ tokenType: "B".repeat(65) }, "a token type"],
    [{ tokenType: null }, "a token type"],
    [{ scope: 7 }, "a scope"],
    [{ scope: ["canary"] }, "a scope"],
    [{ scope: "canary".repeat(2_000) }, "a scope"],
    [{ lifetimeMs: 0 }, "a lifetime of 0 s"],
    [{ lifetimeMs: Number.NaN }, "a lifetime of NaN s"],
    [{ lifetimeMs: "3600" }, "a lifetime of 3.6 s"],
    [{ lifetimeMs: 3_000 * 365 * 24 * 3_600_000 }, "a lifetime of 94608000000 s"],
  ])("refuses %o, without showing it", (change, fault) => {
    expect(issuedTokenFault({ ...token, ...change })).toContain(fault);
    expect(issuedTokenFault({ ...token, ...change })).not.toContain("canary");
  });
});

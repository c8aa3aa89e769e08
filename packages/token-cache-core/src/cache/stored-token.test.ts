import { describe, expect, it } from "vitest";
import { tokenId } from "../contract/access-token.ts";
import { cachedToken } from "./cached-token.ts";
import { tokenLife } from "./freshness.ts";
import { decodeStored, encodeStored } from "./stored-token.ts";
import { HOUR, MINUTE, STEADY_POLICY, TestTokenSource } from "./token-source.test-support.ts";

const READ_AT = { wall: 1_800_000_000_000, monotonic: 5_000_000 };
const FIELDS = { v: 1, value: "token-1", tokenType: "Bearer", scope: "orders", lifetimeMs: HOUR };

/** An entry with these fields, which its id belongs to. */
function entry(fields: Record<string, unknown> = {}, found: object = {}) {
  const all = { ...FIELDS, ...fields };
  return { id: tokenId(String(all.value)), payload: JSON.stringify(all), remainingMs: 20 * MINUTE, ...found };
}

describe("a stored token", () => {
  it("is decoded to what was encoded", () => {
    const { v: _, ...fields } = FIELDS;
    const issued = { ...fields, sentAt: READ_AT };
    const cached = cachedToken(new TestTokenSource(), issued, tokenLife(STEADY_POLICY, READ_AT, HOUR));
    expect(decodeStored({ ...encodeStored(cached), remainingMs: HOUR }, READ_AT)).toEqual(issued);
  });

  it("began as long ago as its remaining life says, on both clocks", () => {
    const sentAt = { wall: READ_AT.wall - 40 * MINUTE, monotonic: READ_AT.monotonic - 40 * MINUTE };
    expect(decodeStored(entry(), READ_AT)).toMatchObject({ sentAt });
  });

  it("begins now at the latest, even if more remains than its lifetime", () => {
    expect(decodeStored(entry({}, { remainingMs: 2 * HOUR }), READ_AT)).toMatchObject({ sentAt: READ_AT });
  });

  it.each([undefined, null, 17])("has no scope if it is %o", (scope) => {
    expect(decodeStored(entry({ scope }), READ_AT)).toMatchObject({ value: "token-1", scope: undefined });
  });

  it.each([
    ["an id that is not its value's", entry({}, { id: tokenId("token-2") })],
    ["no id", entry({}, { id: undefined })],
    ["a value of another type", entry({ value: 17 })],
    ["no token type", entry({ tokenType: undefined })],
    ["no version", entry({ v: undefined })],
    ["version 0", entry({ v: 0 })],
    ["a lifetime of 0", entry({ lifetimeMs: 0 })],
    ["a lifetime of another type", entry({ lifetimeMs: "3600000" })],
    ["a negative remaining life", entry({}, { remainingMs: -1 })],
    ["no remaining life", entry({}, { remainingMs: undefined })],
    ["a payload that is no JSON", entry({}, { payload: "{" })],
    ["a payload that is no object", entry({}, { payload: "null" })],
    ["a payload that is a number", entry({}, { payload: "1" })],
  ])("is damaged with %s", (_, found) => {
    expect(decodeStored(found as Parameters<typeof decodeStored>[0], READ_AT)).toBe("damaged");
  });

  it("is of an unknown version if another release wrote it, whatever else it holds", () => {
    expect(decodeStored(entry({ v: 2 }), READ_AT)).toBe("unknown_version");
    expect(decodeStored(entry({ v: 2 }, { id: "of another kind" }), READ_AT)).toBe("unknown_version");
  });
});

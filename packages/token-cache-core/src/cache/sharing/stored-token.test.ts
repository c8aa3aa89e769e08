import { describe, expect, it } from "vitest";
import { tokenId } from "../../contract/access-token.ts";
import type { FoundToken } from "../../contract/token-store.ts";
import { ManualClock, memoryStore } from "../../testing/index.ts";
import { cachedToken } from "../cached-token.ts";
import { tokenLife } from "../freshness.ts";
import { TokenCache } from "../token-cache.ts";
import { HOUR, MINUTE, recorder, STEADY_POLICY, TestTokenSource } from "../token-source.test-support.ts";
import { decodeStored, encodeStored } from "./stored-token.ts";

const YEAR = 365 * 24 * HOUR;

const READ_AT = { wall: 1_800_000_000_000, monotonic: 5_000_000 };
const KEY = new TestTokenSource().key;
const FIELDS = { v: 1, key: KEY, value: "token-1", tokenType: "Bearer", scope: "orders", lifetimeMs: HOUR };

/** An entry with these fields, which its id belongs to. */
function entry(fields: Record<string, unknown> = {}, found: object = {}) {
  const all = { ...FIELDS, ...fields };
  return { id: tokenId(String(all.value)), payload: JSON.stringify(all), remainingMs: 20 * MINUTE, ...found };
}

describe("a stored token", () => {
  it("is decoded to what was encoded", () => {
    const { v: _, key: __, ...fields } = FIELDS;
    const issued = { ...fields, sentAt: READ_AT };
    const cached = cachedToken(new TestTokenSource(), issued, tokenLife(STEADY_POLICY, READ_AT, HOUR));
    expect(decodeStored(KEY, { ...encodeStored(cached), remainingMs: HOUR }, READ_AT)).toEqual(issued);
  });

  it("began as long ago as its remaining life says, on both clocks", () => {
    const sentAt = { wall: READ_AT.wall - 40 * MINUTE, monotonic: READ_AT.monotonic - 40 * MINUTE };
    expect(decodeStored(KEY, entry(), READ_AT)).toMatchObject({ sentAt });
  });

  it("begins now at the latest, even if more remains than its lifetime", () => {
    expect(decodeStored(KEY, entry({}, { remainingMs: 2 * HOUR }), READ_AT)).toMatchObject({ sentAt: READ_AT });
  });

  it.each([undefined, null, 17])("has no scope if it is %o", (scope) => {
    expect(decodeStored(KEY, entry({ scope }), READ_AT)).toMatchObject({ value: "token-1", scope: undefined });
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
    ["a line end in the token", entry({ value: "canary\r\nX-Admin: 1" })],
    ["other than ASCII in the token", entry({ value: "카나리아" })],
    ["an empty token", entry({ value: "" })],
    ["a very long token", entry({ value: "x".repeat(8_193) })],
    ["a line end in the token type", entry({ tokenType: "Bearer\r\nX-Admin: 1" })],
    ["a space in the token type", entry({ tokenType: "Bearer x" })],
    ["a very long scope", entry({ scope: "x".repeat(8_193) })],
    ["a life of 3,000 years", entry({ lifetimeMs: 3_000 * YEAR }, { remainingMs: 3_000 * YEAR })],
    ["a remaining life that is no number", entry({}, { remainingMs: Number.NaN })],
    ["a payload that is no JSON", entry({}, { payload: "{" })],
    ["a payload that is no object", entry({}, { payload: "null" })],
    ["a payload that is a number", entry({}, { payload: "1" })],
  ])("case 44: is damaged with %s", (_, found) => {
    expect(decodeStored(KEY, found as FoundToken, READ_AT)).toBe("damaged");
  });

  it("is of an unknown version if another release wrote it, whatever else it holds", () => {
    expect(decodeStored(KEY, entry({ v: 2 }), READ_AT)).toBe("unknown_version");
    expect(decodeStored(KEY, entry({ v: 2 }, { id: "of another kind" }), READ_AT)).toBe("unknown_version");
  });

  it("is another identity's where it names another key, or none", () => {
    for (const key of [`${KEY}4`, undefined]) {
      expect(decodeStored(KEY, entry({ key }), READ_AT)).toBe("other_identity");
    }
  });
});

it("case 41: an entry that was written for another key is a miss and an event, and makes way", async () => {
  const clock = new ManualClock();
  const store = memoryStore({ clock });
  const [mine, theirs] = ["mine", "theirs"].map((key) => {
    const answer = (nth: number) => ({ value: `${key}-${nth}` });
    return new TestTokenSource({ key, answer, policy: STEADY_POLICY });
  });
  if (mine === undefined || theirs === undefined) throw new Error("There are two.");
  await new TokenCache({ clock, store }).getToken(theirs);
  const entryOfTheirs = await store.get("theirs");
  if (entryOfTheirs === undefined) throw new Error("There is an entry.");
  await store.set("mine", entryOfTheirs, 2 * HOUR);

  const seen = recorder();
  const cache = new TokenCache({ clock, store, observer: seen.observer });
  expect((await cache.getToken(mine)).value).toBe("mine-1");
  expect(seen.ofType("store_failed")).toMatchObject([{ operation: "get", key: "mine", reason: "other_identity" }]);
  expect((await new TokenCache({ clock, store }).getToken(mine)).value).toBe("mine-1");
  expect((await store.get("theirs"))?.id).toBe(entryOfTheirs.id);
});

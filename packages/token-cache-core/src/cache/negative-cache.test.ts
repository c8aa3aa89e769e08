import { describe, expect, it, test } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { NegativeCache, NegativeEntry } from "./negative-cache.ts";
import { MINUTE, SECOND, TestTokenSource } from "./token-source.test-support.ts";

/** The moment `ms` after the start, on both clocks. */
const at = (ms: number) => ({ wall: 1_800_000_000_000 + ms, monotonic: 5_000_000 + ms });

/** An entry after the refusals of tokens `1` to `count`, one after another. */
function refusedInARow(count: number, everyMs = 0) {
  const entry = new NegativeEntry("key");
  for (let nth = 1; nth <= count; nth++) {
    entry.refused(`${nth}`, at((nth - 1) * everyMs));
    entry.succeeded(`${nth + 1}`, "provider", [], at((nth - 1) * everyMs));
  }
  return entry;
}

describe("refusals in a row", () => {
  it.each([
    [1, 0],
    [2, 0],
    [3, 0],
    [4, 5 * SECOND],
    [5, 10 * SECOND],
    [6, 20 * SECOND],
    [7, 40 * SECOND],
    [8, 60 * SECOND],
    [20, 60 * SECOND],
  ])("%i of them open the circuit for %i ms", (count, openMs) => {
    const entry = refusedInARow(count);
    expect(entry.isBeyondHelp("next", at(openMs - 1))).toBe(openMs > 0);
    expect(entry.isBeyondHelp("next", at(openMs))).toBe(false);
  });

  it("start again from zero after a token that was accepted for five minutes", () => {
    const justBefore = refusedInARow(4, 5 * MINUTE - 1);
    expect(justBefore.isBeyondHelp("next", at(3 * (5 * MINUTE - 1)))).toBe(true);
    const after = refusedInARow(4, 5 * MINUTE);
    expect(after.isBeyondHelp("next", at(3 * 5 * MINUTE))).toBe(false);
  });
});

describe("a refused token that the provider sends again", () => {
  function sentAgain(refusedAtStart: readonly string[]) {
    const entry = new NegativeEntry("key");
    entry.refused("1", at(0));
    entry.succeeded("1", "provider", refusedAtStart, at(SECOND));
    return entry;
  }

  it("cannot be replaced for a minute", () => {
    const entry = sentAgain(["1"]);
    expect(entry.isBeyondHelp("1", at(SECOND + MINUTE - 1))).toBe(true);
    expect(entry.isBeyondHelp("1", at(SECOND + MINUTE))).toBe(false);
    expect(entry.isBeyondHelp("2", at(SECOND))).toBe(false);
  });

  it("can be replaced if the request left before the refusal", () => {
    expect(sentAgain([]).isBeyondHelp("1", at(SECOND))).toBe(false);
  });

  it("can be replaced if another token arrived in between", () => {
    const entry = new NegativeEntry("key");
    entry.refused("1", at(0));
    entry.succeeded("2", "provider", ["1", "2"], at(SECOND));
    expect(entry.isBeyondHelp("1", at(SECOND))).toBe(false);
    entry.succeeded("1", "provider", ["1"], at(2 * SECOND));
    expect(entry.isBeyondHelp("1", at(2 * SECOND))).toBe(false);
  });

  it("can be replaced if nothing was refused", () => {
    const entry = new NegativeEntry("key");
    entry.dropped("1", undefined, at(0));
    expect(entry.isBeyondHelp("1", at(0))).toBe(false);
  });
});

describe("dropped tokens", () => {
  it("are remembered, the last four, until the provider sends them again", () => {
    const entry = new NegativeEntry("key");
    for (const id of ["1", "2", "3", "2", "4", "5"]) entry.dropped(id, undefined, at(0));
    expect(entry.droppedIds).toEqual(["3", "2", "4", "5"]);
    entry.succeeded("4", "store", [], at(0));
    expect(entry.droppedIds).toEqual(["3", "2", "4", "5"]);
    entry.succeeded("4", "provider", [], at(0));
    expect(entry.droppedIds).toEqual(["3", "2", "5"]);
  });

  it("take one place each, however often they are dropped", () => {
    const entry = new NegativeEntry("key");
    for (const id of ["1", "2", "3", "4", "4", "4"]) entry.dropped(id, undefined, at(0));
    expect(entry.droppedIds).toEqual(["1", "2", "3", "4"]);
  });

  it("know when the newest of them was issued, if its life is known", () => {
    const issuedAt = (ms: number) => ({ startedAt: at(ms), lifetimeMs: 4, staleAfterMs: 2, unusableAfterMs: 3 });
    const entry = new NegativeEntry("key");
    entry.dropped("0", undefined, at(9));
    expect(entry.newestDropped).toBe(Number.NEGATIVE_INFINITY);
    entry.dropped("1", issuedAt(7), at(9));
    entry.dropped("2", issuedAt(5), at(9));
    expect(entry.newestDropped).toBe(at(7).monotonic);
  });

  it("keep their known life if they are dropped again", () => {
    const life = { startedAt: at(0), lifetimeMs: 4, staleAfterMs: 2, unusableAfterMs: 3 };
    const entry = new NegativeEntry("key");
    entry.dropped("1", life, at(0));
    entry.dropped("2", undefined, at(0));
    entry.dropped("1", undefined, at(0));
    expect(entry.findDropped("1")?.life).toBe(life);
    expect(entry.findDropped("2")?.life).toBeUndefined();
  });
});

test("an entry is empty while it remembers nothing", () => {
  const entry = new NegativeEntry("key");
  expect(entry.isEmpty).toBe(true);
  entry.failed(
    "test-provider",
    new TokenError("network", { message: "The test's.", provider: "test-provider" }),
    at(0),
  );
  expect(entry.isEmpty).toBe(false);
  entry.succeeded("1", "provider", [], at(0));
  expect(entry.isEmpty).toBe(true);
  entry.dropped("1", undefined, at(0));
  expect(entry.isEmpty).toBe(false);
});

describe("the entries of all keys", () => {
  const error = new TokenError("network", { message: "The test's.", provider: "test-provider" });

  it("hold no empty one", () => {
    const cache = new NegativeCache(10);
    const source = new TestTokenSource();
    cache.failed(source, error, at(0));
    expect([...cache.values()]).toHaveLength(1);
    cache.succeeded(source.key, "1", "provider", [], at(1));
    expect([...cache.values()]).toHaveLength(0);
    expect(cache.droppedIds(source.key)).toEqual([]);
  });

  it("are gone when they are cleared", () => {
    const cache = new NegativeCache(10);
    cache.failed(new TestTokenSource(), error, at(0));
    cache.clear();
    expect([...cache.values()]).toHaveLength(0);
  });
});

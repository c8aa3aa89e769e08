import { describe, expect, test } from "vitest";
import { isNews, type KnownToken } from "./token-store.ts";

describe("case 39: a stored token", () => {
  const found = { id: "one", payload: "", remainingMs: 60_000 };

  test.each<[string, KnownToken | undefined, boolean]>([
    ["is news if none is known", undefined, true],
    ["is news if another one is known, whichever ends first", { id: "two", remainingMs: 90_000 }, true],
    ["is news if it lives longer than was known", { id: "one", remainingMs: 59_999 }, true],
    ["is no news if it is known", { id: "one", remainingMs: 60_000 }, false],
    ["is no news if it is known to live longer", { id: "one", remainingMs: 60_001 }, false],
  ])("%s", (_, known, expected) => {
    expect(isNews(found, known)).toBe(expected);
  });
});

import { describe, expect, it } from "vitest";
import { foreignDispatcherError, systemError } from "./system-error.ts";

/** An error with a code, as the innermost of some. */
function nested(code: unknown, depth = 1, message = "words"): unknown {
  const innermost = Object.assign(new Error(message), { code });
  return Array.from({ length: depth - 1 }).reduce((cause) => new TypeError("fetch failed", { cause }), innermost);
}

describe("the system's error", () => {
  it("is found in an error, and among its causes", () => {
    for (const depth of [1, 2, 5]) {
      expect(systemError(nested("ECONNREFUSED", depth))).toEqual({ code: "ECONNREFUSED", message: "words" });
    }
    expect(systemError(nested("ECONNREFUSED", 6))).toEqual({ code: undefined, message: "" });
  });

  it.each([
    ["a code that is a sentence", nested("refused by someone")],
    ["more than a code", nested("ECONNREFUSED 127.0.0.1")],
    ["a code after other text", nested("x ECONNREFUSED")],
    ["a code of a database", nested(1_045)],
    ["an object that becomes such a text", nested({ toString: () => "ECONNREFUSED" })],
    ["no code", new Error("words")],
    ["null", null],
    ["a string", "ECONNREFUSED"],
    ["a cause that is null", new Error("words", { cause: null })],
  ])("is not %s", (_what, thrown) => {
    expect(systemError(thrown)).toEqual({ code: undefined, message: "" });
  });
});

describe("the error of a foreign dispatcher", () => {
  it("is known by undici's code and words", () => {
    const thrown = nested("UND_ERR_INVALID_ARG", 2, "invalid onRequestStart method");
    expect(foreignDispatcherError("p", thrown)).toMatchObject({ code: "invalid_options", provider: "p" });
  });

  it.each([
    ["another argument", nested("UND_ERR_INVALID_ARG", 2, "invalid path")],
    ["more words", nested("UND_ERR_INVALID_ARG", 2, "invalid onRequestStart method of body")],
    ["other words before", nested("UND_ERR_INVALID_ARG", 2, "an invalid onRequestStart method")],
    ["another code", nested("ERR_INVALID_ARG", 2, "invalid onRequestStart method")],
  ])("is not made of %s", (_what, thrown) => {
    expect(foreignDispatcherError("p", thrown)).toBeUndefined();
  });
});

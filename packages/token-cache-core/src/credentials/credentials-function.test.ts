import { describe, expect, test } from "vitest";
import { callCredentialsFunction } from "./credentials-function.ts";

class SecretGoneException extends Error {}

/** The message about a function that throws this. */
async function messageAbout(thrown: unknown): Promise<unknown> {
  const fetchSecret = () => Promise.reject(thrown);
  const fields = { secret: { variable: "SECRET" } };
  const call = callCredentialsFunction("p", fetchSecret, fields, new AbortController().signal);
  return await call.catch((error: Error) => error.message);
}

const said = (words: string) =>
  `Call failed: the function fetchSecret in the option credentials${words}. ` +
  "Check the secret manager, and the permission to read from it.";

describe("an error of a credentials function", () => {
  test.each([
    [
      new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "ECONNREFUSED" }) }),
      " (TypeError ECONNREFUSED)",
    ],
    [Object.assign(new Error(), { code: "EAI_AGAIN" }), " (Error EAI_AGAIN)"],
    [new SecretGoneException(), " (SecretGoneException)"],
    [new DOMException("late", "TimeoutError"), " (DOMException)"],
    ["a text", ""],
    [null, ""],
    [Object.create(null), ""],
  ])("is named by its class and its system code: %s", async (thrown, words) => {
    expect(await messageAbout(thrown)).toBe(said(words));
  });

  test("repeats no text that anyone can set, whatever its form", async () => {
    const texts = { name: "hunterTwoSecretError", code: "EHUNTERTWO" };
    expect(await messageAbout(Object.assign(new Error("hunter"), texts))).toBe(said(" (Error)"));
    expect(await messageAbout(Object.assign(new Error(), { constructor: { name: texts.name } }))).toBe(
      said(" (Error)"),
    );
    expect(await messageAbout(Object.assign(new Error(), { cause: texts }))).toBe(said(" (Error)"));
    expect(await messageAbout(texts)).toBe(said(""));
  });
});

import { TokenCache, TokenError } from "@x/token-cache-core";
import { describe, expect, it, vi } from "vitest";
import { createIamportAuth, type IamportAuthOptions } from "./index.ts";

const KEYS = { impKey: "key", impSecret: "secret" };

/** The message of the `invalid_options` that the options are refused with: at once, before any request. */
function refusalOf(options: unknown): string {
  const fetch = vi.spyOn(globalThis, "fetch");
  try {
    createIamportAuth(options as IamportAuthOptions);
  } catch (error) {
    expect(fetch).not.toHaveBeenCalled();
    expect(TokenError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "invalid_options", provider: "iamport", retryable: false });
    return (error as TokenError).message;
  }
  throw new Error("the options were accepted");
}

describe("options are refused before any request", () => {
  it.each([null, "options", 1, true, Symbol.iterator, () => KEYS])("that are no object: %s", (options) => {
    expect(refusalOf(options)).toBe("The options must be an object.");
  });

  const TEXTS = ["impKey", "impSecret", "tier"];
  it.each(TEXTS)("whose %s is empty, padded or no string", (option) => {
    for (const value of ["", " ", "padded ", "\npadded", null, 0, {}, ["text"]]) {
      expect(refusalOf({ ...KEYS, [option]: value }), JSON.stringify(value)).toContain(`option ${option} `);
    }
  });

  it.each(["tokenUrl", "apiBaseUrl"])("whose %s is no absolute https: URL", (option) => {
    for (const value of ["", "iamport.kr", "/token", "https:", 1, {}, new URL("https://iamport.example/"), null]) {
      expect(refusalOf({ ...KEYS, [option]: value }), String(value)).toContain(`option ${option} must be an absolute`);
    }
    for (const value of [
      "http://api.iamport.kr/token",
      "http://127.0.0.1.example/token",
      "http://localhost.example/token",
      "http://10.0.0.1/",
      "http://[::2]/",
      "ftp://127.0.0.1/",
      "file:///etc/hosts",
    ]) {
      expect(refusalOf({ ...KEYS, [option]: value }), value).toContain(`option ${option} must be an https: URL`);
    }
    for (const value of ["https://user@iamport.example/", "https://:pass@iamport.example/", "http://user@127.0.0.1/"]) {
      expect(refusalOf({ ...KEYS, [option]: value }), value).toContain(`option ${option} must not contain a user name`);
    }
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "5000", null])("whose timeoutMs is %s", (timeoutMs) => {
    expect(refusalOf({ ...KEYS, timeoutMs })).toContain("option timeoutMs ");
  });

  it("whose fetch, observer or cache is none", () => {
    expect(refusalOf({ ...KEYS, fetch: "fetch" })).toContain("option fetch ");
    expect(refusalOf({ ...KEYS, observer: {} })).toContain("option observer ");
    expect(refusalOf({ ...KEYS, cache: new Map() })).toContain("option cache ");
  });

  it("that give a cache what the cache has itself", () => {
    const cache = new TokenCache();
    expect(refusalOf({ ...KEYS, cache, observer: () => {} })).toContain("observer and clock belong to the cache");
    expect(refusalOf({ ...KEYS, cache, clock: {} })).toContain("observer and clock belong to the cache");
  });
});

it.each([
  "https://iamport.example/",
  "http://127.0.0.1:1/",
  "http://127.255.0.1/",
  "http://localhost/",
  "http://[::1]/",
])("a tokenUrl of %s is taken", (tokenUrl) => {
  expect(createIamportAuth({ ...KEYS, tokenUrl }).source.origin).toBe(new URL(tokenUrl).origin);
});

it("the documented token endpoint is asked where nothing is said", () => {
  expect(createIamportAuth().source.origin).toBe("https://api.iamport.kr");
});

it("the types refuse what the check refuses", () => {
  const wrong: (() => unknown)[] = [
    // @ts-expect-error a number
    () => createIamportAuth({ impKey: 1 }),
    // @ts-expect-error not an object
    () => createIamportAuth("key"),
  ];
  for (const create of wrong) expect(create).toThrow(TokenError);
  // @ts-expect-error a misspelt option
  createIamportAuth({ impkey: "key" });
});

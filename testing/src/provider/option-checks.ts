import { TokenCache, TokenError } from "@x/token-cache-core";
import { describe, expect, it, vi } from "vitest";
import type { ProviderAuth, ProviderTests } from "./provider-tests.ts";

/** The message of the `invalid_options` error that options throw at once, before any request. */
export function refusalOf(provider: string, create: () => ProviderAuth): string {
  const fetch = vi.spyOn(globalThis, "fetch");
  try {
    create();
  } catch (error) {
    expect(fetch).not.toHaveBeenCalled();
    expect(TokenError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "invalid_options", provider, retryable: false });
    return (error as TokenError).message;
  }
  throw new Error("the options were accepted");
}

/** The checks of the options that all providers have. */
export function testOptionChecks({ provider, origin, createAuth, keys, strings }: ProviderTests) {
  const refusalWith = (options: object) => refusalOf(provider, () => createAuth({ ...keys, ...options }));
  const { host } = new URL(origin);

  describe("options are refused before any request", () => {
    it.each([null, "options", 1, true, Symbol.iterator, () => keys])("that are not an object: %s", (options) => {
      expect(refusalOf(provider, () => createAuth(options as object))).toBe("The options must be an object.");
    });

    it.each(strings.names)("whose %s is empty, padded or no string", (option) => {
      for (const value of ["", " ", "padded ", "\npadded", null, 0, {}, ["text"]]) {
        const message = refusalWith({ ...strings.among, [option]: value });
        expect(message, JSON.stringify(value)).toContain(`option ${option} `);
      }
    });

    it.each(["tokenUrl", "apiBaseUrl"])("whose %s is not an absolute https: URL", (option) => {
      for (const value of ["", host, "/token", "https:", 1, {}, new URL("https://provider.example/"), null]) {
        expect(refusalWith({ [option]: value }), String(value)).toContain(`option ${option} must be an absolute`);
      }
      for (const value of [
        `http://${host}/token`,
        "http://127.0.0.1.example/token",
        "http://localhost.example/token",
        "http://10.0.0.1/",
        "http://[::2]/",
        "ftp://127.0.0.1/",
        "file:///etc/hosts",
      ]) {
        expect(refusalWith({ [option]: value }), value).toContain(`option ${option} must be an https: URL`);
      }
      for (const value of [`https://user@${host}/`, `https://:pass@${host}/`, "http://user@127.0.0.1/"]) {
        expect(refusalWith({ [option]: value }), value).toContain(`option ${option} must not contain a user name`);
      }
    });

    it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "5000", null])("whose timeoutMs is %s", (timeoutMs) => {
      expect(refusalWith({ timeoutMs })).toContain("option timeoutMs ");
    });

    it("whose fetch, observer or cache has the wrong type", () => {
      expect(refusalWith({ fetch: "fetch" })).toContain("option fetch ");
      expect(refusalWith({ observer: {} })).toContain("option observer ");
      expect(refusalWith({ cache: new Map() })).toContain("option cache ");
    });

    it("that give both an observer and a cache", () => {
      const observer = () => {};
      expect(refusalWith({ cache: new TokenCache(), observer })).toContain("observer belongs to the cache");
    });
  });

  it.each([
    "https://provider.example/",
    "http://127.0.0.1:1/",
    "http://127.255.0.1/",
    "http://localhost/",
    "http://[::1]/",
  ])("a tokenUrl of %s is accepted", (tokenUrl) => {
    expect(createAuth({ ...keys, tokenUrl }).source.origin).toBe(new URL(tokenUrl).origin);
  });

  it("case 46: options of a polluted prototype are ignored", () => {
    const evil = "https://evil.example/";
    const polluted = {
      tokenUrl: evil,
      apiBaseUrl: evil,
      scope: "evil",
      type: "SELLER",
      accountId: "evil",
      tier: "evil",
    };
    const clean = createAuth(keys).source;
    Object.assign(Object.prototype, polluted);
    try {
      const { source } = createAuth(keys);
      expect([source.origin, source.key]).toEqual([clean.origin, clean.key]);
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it("the documented token endpoint is the default", () => {
    expect(createAuth().source.origin).toBe(origin);
  });
}

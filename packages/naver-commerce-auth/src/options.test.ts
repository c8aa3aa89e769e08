import { TokenCache, TokenError } from "@x/token-cache-core";
import { describe, expect, it, vi } from "vitest";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "./index.ts";

const KEYS = { clientId: "id", clientSecret: "$2a$04$abcdefghijklmnopqrstuv" };

/** The message of the `invalid_options` that the options are refused with: at once, before any request. */
function refusalOf(options: unknown): string {
  const fetch = vi.spyOn(globalThis, "fetch");
  try {
    createNaverCommerceAuth(options as NaverCommerceAuthOptions);
  } catch (error) {
    expect(fetch).not.toHaveBeenCalled();
    expect(TokenError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "invalid_options", provider: "naver-commerce", retryable: false });
    return (error as TokenError).message;
  }
  throw new Error("the options were accepted");
}

describe("options are refused before any request", () => {
  it.each([null, "options", 1, true, Symbol.iterator, () => KEYS])("that are no object: %s", (options) => {
    expect(refusalOf(options)).toBe("The options must be an object.");
  });

  it.each(["clientId", "clientSecret", "accountId"])("whose %s is empty, padded or no string", (option) => {
    for (const value of ["", " ", "padded ", "\npadded", null, 0, {}, ["text"]]) {
      expect(refusalOf({ ...KEYS, type: "SELLER", [option]: value }), JSON.stringify(value)).toContain(
        `option ${option} `,
      );
    }
  });

  it.each(["tokenUrl", "apiBaseUrl"])("whose %s is no absolute https: URL", (option) => {
    for (const value of ["", "naver.com", "/token", "https:", 1, {}, new URL("https://naver.example/"), null]) {
      expect(refusalOf({ ...KEYS, [option]: value }), String(value)).toContain(`option ${option} must be an absolute`);
    }
    for (const value of [
      "http://api.commerce.naver.com/token",
      "http://127.0.0.1.example/token",
      "http://localhost.example/token",
      "http://10.0.0.1/",
      "http://[::2]/",
      "ftp://127.0.0.1/",
      "file:///etc/hosts",
    ]) {
      expect(refusalOf({ ...KEYS, [option]: value }), value).toContain(`option ${option} must be an https: URL`);
    }
    for (const value of ["https://user@naver.example/", "https://:pass@naver.example/", "http://user@127.0.0.1/"]) {
      expect(refusalOf({ ...KEYS, [option]: value }), value).toContain(`option ${option} must not contain a user name`);
    }
  });

  it.each(["", "self", "seller", "SELF ", "toString", null, 1, ["SELF"]])("whose type is %j", (type) => {
    expect(refusalOf({ ...KEYS, type })).toContain('type must be "SELF" or "SELLER"');
  });

  it.each([undefined, "SELF"])("case 16: that give an accountId with type %s, which Naver punishes", (type) => {
    expect(refusalOf({ ...KEYS, type, accountId: "seller" })).toContain("option accountId ");
  });

  it.each([
    ["expanded by a shell", "a$04$abcdefghijklmnopqrstuv"],
    ["of which dotenv left the end", "abcdefghijklmnopqrstuv"],
    ["cut short", "$2a$04$abcdefghijklmnopqrstu"],
    ["too long", "$2a$04$abcdefghijklmnopqrstuvw"],
    ["of a whole hash", `$2a$04$${"a".repeat(53)}`],
    ["of another version", "$2x$04$abcdefghijklmnopqrstuv"],
    ["with a character that bcrypt has not", "$2a$04$abcdefghijklmnopqrst=v"],
    ["over two lines", "$2a$04$abcdefghijk\nmnopqrstuv"],
  ])("whose client secret is one %s", (_what, clientSecret) => {
    const message = refusalOf({ ...KEYS, clientSecret });
    expect(message).toMatch(/29 characters/);
    expect(message).toMatch(/expanded its \$ signs/);
    expect(message).not.toContain(clientSecret);
  });

  it.each(["00", "03", "13", "31", "99"])("whose client secret costs 2 to the power of %s", (cost) => {
    expect(refusalOf({ ...KEYS, clientSecret: `$2a$${cost}$abcdefghijklmnopqrstuv` })).toMatch(
      /cost must be from 04 to/,
    );
  });

  it("whose bcryptHash is none", () => {
    for (const bcryptHash of ["bcrypt", {}, null]) {
      expect(refusalOf({ ...KEYS, bcryptHash })).toContain("option bcryptHash ");
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

it.each(["https://naver.example/", "http://127.0.0.1:1/", "http://127.255.0.1/", "http://localhost/", "http://[::1]/"])(
  "a tokenUrl of %s is taken",
  (tokenUrl) => {
    expect(createNaverCommerceAuth({ ...KEYS, tokenUrl }).source.origin).toBe(new URL(tokenUrl).origin);
  },
);

it.each(["$2a$04$", "$2b$04$", "$2y$04$", "$2a$12$"])("a client secret that begins with %s is taken", (start) => {
  const clientSecret = `${start}abcdefghijklmnopqrst./`;
  expect(createNaverCommerceAuth({ ...KEYS, clientSecret }).source.key).toMatch(/^naver-commerce:/);
});

it("the documented token endpoint is asked where nothing is said", () => {
  expect(createNaverCommerceAuth().source.origin).toBe("https://api.commerce.naver.com");
});

it("the types refuse what the check refuses", () => {
  const wrong: (() => unknown)[] = [
    // @ts-expect-error no such type
    () => createNaverCommerceAuth({ type: "self" }),
    // @ts-expect-error an account goes with SELLER only
    () => createNaverCommerceAuth({ type: "SELF", accountId: "seller" }),
    // @ts-expect-error an account goes with SELLER only, and SELF is the default
    () => createNaverCommerceAuth({ accountId: "seller" }),
    // @ts-expect-error a number
    () => createNaverCommerceAuth({ clientId: 1 }),
    // @ts-expect-error not an object
    () => createNaverCommerceAuth("key"),
  ];
  for (const create of wrong) expect(create).toThrow(TokenError);
  // @ts-expect-error a misspelt option
  createNaverCommerceAuth({ clientID: "id" });
});

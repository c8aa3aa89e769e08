import { refusalOf } from "@x/testing/provider/option-checks";
import { TokenError } from "@x/token-cache-core";
import { describe, expect, it } from "vitest";
import { createNaverCommerceAuth, type NaverCommerceAuthOptions } from "./index.ts";

const KEYS = { clientId: "id", clientSecret: "$2a$04$abcdefghijklmnopqrstuv" };

const refusalWith = (options: object) =>
  refusalOf("naver-commerce", () => createNaverCommerceAuth({ ...KEYS, ...options } as NaverCommerceAuthOptions));

describe("options are refused before any request", () => {
  it.each(["", "self", "seller", "SELF ", "toString", null, 1, ["SELF"]])("whose type is %j", (type) => {
    expect(refusalWith({ type })).toContain('type must be "SELF" or "SELLER"');
  });

  it.each([undefined, "SELF"])("case 16: that give an accountId with type %s, which Naver punishes", (type) => {
    expect(refusalWith({ type, accountId: "seller" })).toContain("option accountId ");
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
    const message = refusalWith({ clientSecret });
    expect(message).toMatch(/29 characters/);
    expect(message).toMatch(/expanded its \$ signs/);
    expect(message).not.toContain(clientSecret);
  });

  it.each(["00", "03", "13", "31", "99"])("whose client secret costs 2 to the power of %s", (cost) => {
    expect(refusalWith({ clientSecret: `$2a$${cost}$abcdefghijklmnopqrstuv` })).toMatch(/cost must be from 04 to/);
  });

  it("whose bcryptHash is none", () => {
    for (const bcryptHash of ["bcrypt", {}, null]) {
      expect(refusalWith({ bcryptHash })).toContain("option bcryptHash ");
    }
  });
});

it.each(["$2a$04$", "$2b$04$", "$2y$04$", "$2a$12$"])("a client secret that begins with %s is accepted", (start) => {
  const clientSecret = `${start}abcdefghijklmnopqrst./`;
  expect(createNaverCommerceAuth({ ...KEYS, clientSecret }).source.key).toMatch(/^naver-commerce:/);
});

it("the types reject what the check rejects", () => {
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

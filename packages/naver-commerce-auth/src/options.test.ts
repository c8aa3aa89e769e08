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
    ["expanded by a shell", "a$04$abcdefghijklmnopqrstuv", "has 27 characters, does not begin with $2a$."],
    ["of which dotenv left the end", "abcdefghijklmnopqrstuv", "has 22 characters, does not begin with $2a$."],
    ["cut short", "$2a$04$abcdefghijklmnopqrstu", "has 28 characters, begins with $2a$."],
    ["too long", "$2a$04$abcdefghijklmnopqrstuvw", "has 30 characters, begins with $2a$."],
    ["of a whole hash", `$2a$04$${"a".repeat(53)}`, "has 60 characters, begins with $2a$."],
    ["of another version", "$2x$04$abcdefghijklmnopqrstuv", "has 29 characters, does not begin with $2a$."],
    ["with a character that bcrypt has not", "$2a$04$abcdefghijklmnopqrst=v", "has 29 characters, begins with $2a$."],
    ["over two lines", "$2a$04$abcdefghijk\nmnopqrstuv", "begins with $2a$, contains white space."],
    ["with its name", "secret=$2a$04$abcdefghijklmnopqrstuv", "has 36 characters, does not begin with $2a$."],
    ["in quotes", "'$2a$04$abcdefghijklmnopqrstuv'", "has 31 characters, does not begin with $2a$, contains quotes."],
    [
      "escaped twice",
      "\\\\$2a\\\\$04\\\\$abcdefghijklmnopqrstuv",
      "has 35 characters, does not begin with $2a$, contains back",
    ],
    ["escaped and cut short", "\\$2a\\$04\\$abc", "has 13 characters, begins with \\$2a\\$, contains backslashes."],
  ])("case 53: whose client secret is one %s", (_what, clientSecret, seen) => {
    const message = refusalWith({ clientSecret });
    expect(message).toMatch(/29 characters/);
    expect(message).toContain(seen);
    expect(message).toContain("NAVER_COMMERCE_CLIENT_SECRET=\\$2a\\$04\\$…");
    expect(message).not.toContain(clientSecret);
    expect(message).not.toMatch(/abc|aaa/);
  });

  it("case 53: whose client secret is emptied by an expansion", () => {
    expect(refusalWith({ clientSecret: "" })).toMatch(/clientSecret is empty\. .*NAVER_COMMERCE_CLIENT_SECRET=\\\$2a/);
  });

  it.each(["00", "03", "13", "31", "99"])("whose client secret costs 2 to the power of %s", (cost) => {
    expect(refusalWith({ clientSecret: `$2a$${cost}$abcdefghijklmnopqrstuv` })).toMatch(/cost must be from 04 to/);
  });

  it("whose bcryptHash is not a function", () => {
    for (const bcryptHash of ["bcrypt", {}, null]) {
      expect(refusalWith({ bcryptHash })).toContain("option bcryptHash ");
    }
  });
});

it.each(["$2a$04$", "$2b$04$", "$2y$04$", "$2a$12$"])("a client secret that begins with %s is accepted", (start) => {
  const clientSecret = `${start}abcdefghijklmnopqrst./`;
  expect(createNaverCommerceAuth({ ...KEYS, clientSecret }).source.key).toMatch(/^naver-commerce:/);
});

it("case 53: a client secret with the backslashes of a .env file is the same secret", () => {
  const escaped = KEYS.clientSecret.replaceAll("$", "\\$");
  const [plain, same] = [KEYS.clientSecret, escaped].map((clientSecret) =>
    createNaverCommerceAuth({ ...KEYS, clientSecret }),
  );
  expect(same?.source.key).toBe(plain?.source.key);
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

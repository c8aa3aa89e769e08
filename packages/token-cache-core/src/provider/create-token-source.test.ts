import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STEADY_POLICY } from "../cache/token-source.test-support.ts";
import { createTokenSource, tokenKey } from "./create-token-source.ts";

const part = fc.oneof(fc.string({ unit: "binary" }), fc.constant(undefined));
const identity = fc.array(part, { maxLength: 6 });
const parts = fc.tuple(fc.string(), fc.string(), identity);

describe("the key of an identity", () => {
  test("case 10: differs if any part differs: provider, host, or any part of the identity", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(tokenKey(...a)).not.toBe(tokenKey(...b));
      }),
      { numRuns: 1_000 },
    );
  });

  test("case 10: differs if one part of the identity is changed, dropped, or moved to its neighbour", () => {
    const key = (...identity: (string | undefined)[]) => tokenKey("p", "https://auth.test", identity);
    const keys = [
      key("id", "secret", "scope"),
      key("id", "secret", undefined),
      key("id", "secret"),
      key("id", "secret", ""),
      key("id", "secret", "null"),
      key("id", "secret", "undefined"),
      key("id", "secret", "Scope"),
      key("ids", "ecret", "scope"),
      key("id", "secret,scope"),
      key('id","secret', "scope"),
      key("secret", "id", "scope"),
      tokenKey("p", "https://auth.test:8443", ["id", "secret", "scope"]),
      tokenKey("q", "https://auth.test", ["id", "secret", "scope"]),
      tokenKey("p:https", "//auth.test", ["id", "secret", "scope"]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("case 10: differs for any change of a single character", () => {
    const changed = fc.record({
      text: fc.string({ minLength: 1 }),
      at: fc.nat(),
      to: fc.string({ minLength: 1, maxLength: 1 }),
    });
    fc.assert(
      fc.property(changed, fc.nat({ max: 3 }), ({ text, at, to }, place) => {
        const index = at % text.length;
        const other = text.slice(0, index) + to + text.slice(index + 1);
        fc.pre(other !== text);
        const identity = (value: string) => ["a", "b", "c", "d"].with(place, value);
        expect(tokenKey("p", "o", identity(other))).not.toBe(tokenKey("p", "o", identity(text)));
      }),
    );
  });

  test("is the same for the same parts", () => {
    fc.assert(
      fc.property(parts, ([provider, origin, identity]) => {
        expect(tokenKey(provider, origin, [...identity])).toBe(tokenKey(provider, origin, identity));
      }),
    );
  });

  test("names the provider and the host, and shows nothing of the identity", () => {
    const secret = fc.string({ minLength: 6, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), (identity) => {
        const key = tokenKey("p", "https://o", identity);
        expect(key).toMatch(/^p:https:\/\/o:[0-9a-f]{32}$/);
        for (const text of identity) expect(key).not.toContain(text);
      }),
    );
  });
});

describe("a token source", () => {
  const init = { provider: "p", policy: STEADY_POLICY, issue: () => Promise.reject(new Error("not asked")) };
  const sourceFor = (url: string, ...identity: string[]) =>
    createTokenSource({ ...init, tokenUrl: new URL(url), identity: () => identity });

  test("case 10: has another key for another host, path or identity", () => {
    const keys = [
      sourceFor("https://auth.test/token", "id", "secret").key,
      sourceFor("https://auth.test/other", "id", "secret").key,
      sourceFor("https://auth.test:8443/token", "id", "secret").key,
      sourceFor("http://auth.test/token", "id", "secret").key,
      sourceFor("https://auth.test/token", "id", "rotated").key,
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("asks for its identity when its key is first needed, and once", () => {
    let asked = 0;
    const identity = () => [`asked ${++asked}`];
    const source = createTokenSource({ ...init, tokenUrl: new URL("https://auth.test/token"), identity });
    expect(asked).toBe(0);
    expect(source.key).toBe(source.key);
    expect(asked).toBe(1);
    expect(source.origin).toBe("https://auth.test");
  });
});

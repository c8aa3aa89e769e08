import { Console } from "node:console";
import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAccessToken, tokenId } from "./access-token.ts";

const SECRET = "canary-4f1c9d77";
const token = createAccessToken({
  value: SECRET,
  tokenType: "Bearer",
  scope: "orders",
  issuedAt: 1_000,
  expiresAt: 2_000,
});

/** What `console.log` prints. */
function logged(...values: unknown[]): string {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  new Console(stdout).log(...values);
  return text;
}

/** What Deno prints. */
function inspectedByDeno(value: object): string {
  return (value as Record<symbol, () => string>)[Symbol.for("Deno.customInspect")]?.() ?? "";
}

describe("an access token", () => {
  test("gives its value", () => {
    expect(token.value).toBe(SECRET);
  });

  test.each<[string, () => string]>([
    ["String()", () => String(token)],
    ["a template", () => `${token}`],
    ["joining", () => [token].join()],
    ["JSON", () => JSON.stringify({ nested: [token] })],
    ["inspect", () => inspect(token)],
    [
      "inspect, ten levels deep",
      () => inspect({ a: { b: { c: token } } }, { depth: 10, showHidden: true, getters: true }),
    ],
    ["inspect without custom inspection", () => inspect(token, { customInspect: false, showHidden: true })],
    ["Deno's console.log", () => inspectedByDeno(token)],
    ["console.log", () => logged(token, { token }, "%s %o %O %j", token, token)],
    ["its own properties", () => JSON.stringify({ ...token, names: Reflect.ownKeys(token).map(String) })],
    ["an error about it", () => inspect(Object.assign(new Error(`cannot use ${token}`), { token }))],
  ])("case 23: does not show its value in %s", (_, print) => {
    expect(print()).not.toContain(SECRET);
  });

  test("identifies itself in a log", () => {
    const fields = { value: "[redacted]", tokenType: "Bearer", scope: "orders", issuedAt: 1_000, expiresAt: 2_000 };
    expect(JSON.parse(JSON.stringify(token))).toEqual({ ...fields, id: token.id });
    expect(inspect(token)).toContain(token.id);
    expect(inspectedByDeno(token)).toBe(inspect(token));
    expect(String(token)).toBe("[redacted]");
  });

  test("has an id that anyone can compute from the value: 16 hex digits of its SHA-256", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        expect(tokenId(value)).toBe(createHash("sha256").update(value).digest("hex").slice(0, 16));
      }),
    );
    expect(token.id).toBe(tokenId(SECRET));
  });
});

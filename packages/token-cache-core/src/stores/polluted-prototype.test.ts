import { afterEach, expect, test } from "vitest";
import { createTokenSource } from "../provider/create-token-source.ts";
import { memoryStore } from "../testing/index.ts";
import { encryptedStore } from "./encrypted/encrypted-store.ts";
import { redisStore } from "./redis/redis-store.ts";
import { sqliteStore } from "./sqlite/sqlite-store.ts";

const polluted = Object.prototype as Record<string, unknown>;

afterEach(() => {
  for (const name of ["client", "path", "keys", "provider", "tokenUrl"]) delete polluted[name];
});

test("case 46: no option of a store or a source comes from a polluted prototype", () => {
  polluted["client"] = { eval() {}, evalsha() {} };
  polluted["path"] = "/nowhere/tokens.db";
  polluted["keys"] = [new Uint8Array(32).map((_, index) => index)];
  polluted["tokenUrl"] = new URL("https://attacker.test/token");
  const error = { code: "invalid_options" };
  expect(() => redisStore({} as never)).toThrow(expect.objectContaining(error));
  expect(() => sqliteStore({} as never)).toThrow(expect.objectContaining(error));
  expect(() => encryptedStore(memoryStore(), {} as never)).toThrow(expect.objectContaining(error));
  expect(() => createTokenSource({ provider: "p" } as never).origin).toThrow(TypeError);
});

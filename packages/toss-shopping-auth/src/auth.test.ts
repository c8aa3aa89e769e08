import { expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createTossShoppingAuth, type TossShoppingAuthOptions } from "./index.ts";

const KEYS = { accessKey: "key", secretKey: "secret" };

it("case 10: another environment or scope is another key", () => {
  const keyOf = (options: TossShoppingAuthOptions) => createTossShoppingAuth({ ...KEYS, ...options }).source.key;
  expect(keyOf({ environment: "test" })).toMatch(/^toss-shopping:https:\/\/oauth2-alpha\.cert\.toss\.im:[0-9a-f]{32}$/);
  expect(keyOf({ environment: "test" })).not.toBe(keyOf({}));
  expect(keyOf({ scope: "another:write" })).not.toBe(keyOf({}));
  expect(keyOf({ environment: "live", scope: "toss-shopping-fep:write" })).toBe(keyOf({}));
  expect(keyOf({ solutionCode: "code", timeoutMs: 1 })).toBe(keyOf({}));
});

it("case 10: a rotated secret gets its own token at once", async () => {
  const rotated = { ...KEYS, secretKey: "new-secret" };
  await using world = await emulated({ toss: { sellers: [KEYS, rotated] } });
  const before = await world.createAuth(KEYS).getToken();
  expect((await world.createAuth(rotated).getToken()).id).not.toBe(before.id);
});

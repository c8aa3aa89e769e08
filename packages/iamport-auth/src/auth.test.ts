import { MINUTE } from "@x/testing/emulated-life";
import { expect, it } from "vitest";
import { emulated } from "./emulated.test-support.ts";
import { createIamportAuth, type IamportAuthOptions } from "./index.ts";

it("a token has the lifetime that iamport gave it by its own clock, whatever the client's clock says", async () => {
  await using world = await emulated({ clientAheadMs: 9 * 60 * MINUTE });
  const token = await world.createAuth().getToken();
  expect(token.issuedAt).toBe(world.clock.wall());
  expect(token.expiresAt - token.issuedAt).toBe(1_800_000);
});

it("case 10: the key is the same for every Tier, since an agency's token is", () => {
  const keys = { impKey: "key", impSecret: "secret" };
  const keyOf = (options: IamportAuthOptions) => createIamportAuth(options).source.key;
  expect(keyOf({ ...keys, tier: "001" })).toBe(keyOf(keys));
  expect(keyOf({ ...keys, tier: "002", timeoutMs: 1 })).toBe(keyOf(keys));
});

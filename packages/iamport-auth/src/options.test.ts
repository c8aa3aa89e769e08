import { TokenError } from "@x/token-cache-core";
import { expect, it } from "vitest";
import { createIamportAuth } from "./index.ts";

it("the types reject what the check rejects", () => {
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

it.each(["a\r\nx-evil: 1", "a\0", "상점"])("a tier that is no header is refused: %j", (tier) => {
  expect(() => createIamportAuth({ tier })).toThrow("option tier is sent as a header");
});

import { TokenError } from "@x/token-cache-core";
import { expect, it } from "vitest";
import { createIamportAuth } from "./index.ts";

it("the types refuse what the check refuses", () => {
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

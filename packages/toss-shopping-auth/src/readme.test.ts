import { codeBlocks, optionRows, run } from "@x/testing/readme";
import { expect, it } from "vitest";
import type { TossShoppingAuthOptions } from "./index.ts";

const README = new URL("../README.md", import.meta.url);

/** Does not compile while an option is missing. */
const OPTIONS: Record<keyof TossShoppingAuthOptions, true> = {
  accessKey: true,
  secretKey: true,
  solutionCode: true,
  environment: true,
  scope: true,
  tokenUrl: true,
  apiBaseUrl: true,
  cache: true,
  fetch: true,
  timeoutMs: true,
  observer: true,
  clock: true,
};

it("the example of the README runs as it stands", async () => {
  const [example = ""] = await codeBlocks(README, "js");
  expect(await run(example, new URL("../", import.meta.url))).toContain("categories; the token expires");
});

it("the README has a row for every option, and for no other", async () => {
  expect(await optionRows(README)).toEqual(Object.keys(OPTIONS));
});

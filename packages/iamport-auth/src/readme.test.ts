import { codeBlocks, optionRows, run } from "@x/testing/readme";
import { expect, it } from "vitest";
import type { IamportAuthOptions } from "./index.ts";

const README = new URL("../README.md", import.meta.url);

/** Does not compile while an option is missing. */
const OPTIONS: Record<keyof IamportAuthOptions, true> = {
  impKey: true,
  impSecret: true,
  tier: true,
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
  expect(await run(example, new URL("../", import.meta.url))).toContain("imp_448280090638 was read");
});

it("the README has a row for every option, and for no other", async () => {
  expect(await optionRows(README)).toEqual(Object.keys(OPTIONS));
});

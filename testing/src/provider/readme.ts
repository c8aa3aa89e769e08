import { expect, it } from "vitest";
import { codeBlocks, optionRows, run } from "../readme.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** The package's README: its example, and its table of options. */
export function testReadme({ folder, options, exampleOutput }: ProviderTests) {
  const readme = new URL("README.md", folder);

  it("the example of the README runs as it stands", async () => {
    const [example = ""] = await codeBlocks(readme, "js");
    expect(await run(example, folder)).toContain(exampleOutput);
  });

  it("the README has a row for every option, and for no other", async () => {
    expect(await optionRows(readme)).toEqual(Object.keys(options));
  });
}

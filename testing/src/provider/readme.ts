import { startEmulator } from "@x/commerce-auth-emulator";
import { expect, it } from "vitest";
import { codeBlocks, optionRows, run } from "../readme.ts";
import type { ProviderTests } from "./provider-tests.ts";

/** The package's README: its programs, and its table of options. */
export function testReadme({ folder, options, exampleOutput }: ProviderTests) {
  const readme = new URL("README.md", folder);

  it("the programs of the README run unchanged", async () => {
    const emulator = await startEmulator();
    try {
      const blocks = await codeBlocks(readme, "js");
      const printed = await Promise.all(
        blocks.map((block) => run(block, folder, { COMMERCE_AUTH_EMULATOR: emulator.origin })),
      );
      expect(blocks.length).toBeGreaterThan(3);
      expect(printed.join("")).toContain(exampleOutput);
    } finally {
      await emulator.close();
    }
  });

  it("the README has a row for every option, and for no other", async () => {
    expect(await optionRows(readme)).toEqual(Object.keys(options));
  });
}

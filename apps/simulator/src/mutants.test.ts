import { describe, expect, test } from "vitest";
import { mutants } from "./mutants.ts";
import { coreSource, patched } from "./patched-library.ts";

describe("every mutant fits the sources as they are now", () => {
  test.each(mutants)("$name", (mutant) => {
    const source = coreSource(mutant.file);
    expect(patched(mutant.file, source, mutant)).not.toBe(source);
  });

  test("no two have one name, and there are enough of them", () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(40);
  });
});

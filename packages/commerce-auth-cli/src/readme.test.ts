import { readFile } from "node:fs/promises";
import { EMULATOR_FLAGS } from "@x/commerce-auth-emulator/command";
import { describe, expect, it } from "vitest";
import { run } from "./command.test-support.ts";
import { EXIT } from "./exit-codes.ts";
import { shellWords } from "./lint/shell-words.ts";
import { PROFILES } from "./providers/profiles.ts";

const READMES = await Promise.all(
  ["README.md", "README.ko.md"].map(async (name) => {
    const text = await readFile(new URL(`../${name}`, import.meta.url), "utf8");
    const lines = [...text.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));
    return { name, text, lines };
  }),
);

describe.each(READMES)("$name", ({ text, lines }) => {
  it("explains every option and every variable", async () => {
    for (const command of ["doctor", "lint", "token", "emulator"]) {
      const { out } = await run([command, "--help", "--lang", "en"]);
      const options = [...out.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option = ""]) => option);
      // The emulator's own command explains its flags.
      const own = options.filter((option) => !Object.hasOwn(EMULATOR_FLAGS, option.slice(2)));
      expect(own.filter((option) => !text.includes(option))).toEqual([]);
    }
    const variables = Object.values(PROFILES).flatMap(({ fields }) => fields.map(({ variable }) => variable));
    expect(variables.filter((variable) => !text.includes(variable))).toEqual([]);
  });

  it("lists every exit code", () => {
    for (const code of Object.values(EXIT)) expect(text).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
  });

  it("has lines that the command understands", async () => {
    const calls = lines.flatMap((line) => [...line.matchAll(/(?:commerce-auth|commerce-auth-cli) ([a-z-][^|>)#]*)/g)]);
    expect(calls.length).toBeGreaterThan(10);
    for (const [, call = ""] of calls) {
      // The help page ends it before it does anything; a word that it does not know is an error.
      const { words } = shellWords(call);
      const { code, err } = await run([...words, "--help"]);
      expect({ call, code, err }).toEqual({ call, code: 0, err: "" });
    }
  });
});

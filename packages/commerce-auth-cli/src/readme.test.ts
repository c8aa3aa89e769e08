import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { run } from "./command.test-support.ts";
import { EXIT } from "./exit-codes.ts";
import { shellWords } from "./lint/shell-words.ts";
import { PROFILES } from "./providers/profiles.ts";

const README = await readFile(new URL("../README.md", import.meta.url), "utf8");
const LINES = [...README.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));

it("explains every option and every variable", async () => {
  for (const command of ["doctor", "lint", "token", "emulator"]) {
    const { out } = await run([command, "--help", "--lang", "en"]);
    const options = [...out.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option = ""]) => option);
    expect(options.filter((option) => !README.includes(option))).toEqual([]);
  }
  const variables = Object.values(PROFILES).flatMap(({ fields }) => fields.map(({ variable }) => variable));
  expect(variables.filter((variable) => !README.includes(variable))).toEqual([]);
});

it("lists every exit code", () => {
  for (const code of Object.values(EXIT)) expect(README).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
});

it("has lines that the command understands", async () => {
  const calls = LINES.flatMap((line) => [...line.matchAll(/(?:commerce-auth|commerce-auth-cli) ([a-z-][^|>)#]*)/g)]);
  expect(calls.length).toBeGreaterThan(10);
  for (const [, call = ""] of calls) {
    // The help page ends it before it does anything; a word that it does not know is an error.
    const { words } = shellWords(call);
    const { code, err } = await run([...words, "--help"]);
    expect({ call, code, err }).toEqual({ call, code: 0, err: "" });
  }
});

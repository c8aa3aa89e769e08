// Runs a README's example as a newcomer would: pasted into a file of a project that has the packages.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** The README's code blocks in a language, in their order. */
export async function codeBlocks(readme: URL, language: string): Promise<string[]> {
  const text = await readFile(readme, "utf8");
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, code]) =>
    name === language && code !== undefined ? [code] : [],
  );
}

/** The names of a provider's options, from the README's table. */
export async function optionRows(readme: URL): Promise<(string | undefined)[]> {
  const sections = (await readFile(readme, "utf8")).split(/^## /m);
  const options = sections.find((section) => section.startsWith("Options")) ?? "";
  return [...options.matchAll(/^\| `(\w+)` +\|/gm)].map(([, option]) => option);
}

/** What a program in the package's folder prints. Rejects if it fails or does not end by itself. */
export async function run(code: string, folder: URL, variables: Record<string, string> = {}): Promise<string> {
  const args = ["--unhandled-rejections=strict", "--input-type=module", "--eval", code];
  const options = { cwd: folder, timeout: 25_000, env: { ...process.env, ...variables } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout;
}

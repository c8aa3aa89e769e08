// Runs a README's example as a newcomer would: pasted into a file of a project that has the packages.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
export function run(code: string, folder: URL, variables: Record<string, string> = {}): Promise<string> {
  return evaluate("module", code, folder, variables);
}

/** What a TypeScript program in the package's folder prints. Its types are not checked: see {@link compileErrors}. */
export function runTypeScript(code: string, folder: URL): Promise<string> {
  return evaluate("module-typescript", code, folder, { NODE_NO_WARNINGS: "1" });
}

/** What the compiler says to a TypeScript program that imports what the package imports. Empty if there is no error. */
export async function compileErrors(code: string, folder: URL): Promise<string> {
  const root = new URL("../../", import.meta.url);
  const place = await mkdtemp(fileURLToPath(new URL("node_modules/.compiled-", folder)));
  try {
    const tsconfig = { extends: fileURLToPath(new URL("tsconfig.base.json", root)), include: ["*.ts"] };
    await writeFile(join(place, "tsconfig.json"), JSON.stringify(tsconfig));
    await writeFile(join(place, "program.ts"), code);
    const tsc = fileURLToPath(new URL("node_modules/typescript/bin/tsc", root));
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", place], { cwd: place }).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  } finally {
    await rm(place, { recursive: true });
  }
}

async function evaluate(type: string, code: string, folder: URL, variables: Record<string, string>): Promise<string> {
  const args = ["--unhandled-rejections=strict", `--input-type=${type}`, "--eval", code];
  const options = { cwd: folder, timeout: 25_000, env: { ...process.env, ...variables } };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  return stdout;
}

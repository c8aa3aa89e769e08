import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { CommandError } from "../command-error.ts";
import type { Language } from "../language.ts";

/** A file with credentials. There is no flag for them: other users can read a command line. */
export interface EnvFile {
  readonly path: string;
  readonly text: string;
  readonly values: NodeJS.ProcessEnv;
}

/** Reads a `.env` file as Node does: nothing is expanded. Throws a CommandError. */
export function readEnvFile(path: string, language: Language): EnvFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      language === "ko" ? `${path} 파일을 읽을 수 없습니다 (${code}).` : `The file ${path} cannot be read (${code}).`,
    );
  }
  return { path, text, values: parseEnv(text) };
}

/** The environment, completed by the files. The environment wins over a file, and a file over those after it. */
export function completed(env: NodeJS.ProcessEnv, files: readonly EnvFile[]): NodeJS.ProcessEnv {
  return Object.assign({}, ...files.toReversed().map(({ values }) => values), env);
}

/** Whether loaders that expand variables would cut this variable's value: it has a $ without a backslash. */
export function isExpandedByLoaders({ text }: EnvFile, variable: string): boolean {
  const line = text.split("\n").find((each) => each.replace(/^\s*(export\s+)?/, "").startsWith(`${variable}=`));
  const value = line?.slice(line.indexOf("=") + 1).trim() ?? "";
  return !value.startsWith("'") && /(^|[^\\])\$/.test(value);
}

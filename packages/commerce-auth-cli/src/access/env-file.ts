import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { CommandError } from "../command-error.ts";
import type { Language } from "../language.ts";
import type { CredentialField, Credentials, ProviderProfile } from "../providers/profile.ts";
import { ask } from "../terminal/hidden-prompt.ts";
import type { Io } from "../terminal/io.ts";

/** Where the credentials come from, besides the prompt. A command line is no place for them: others can read it. */
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

/** Whether loaders that expand variables would cut this variable's value: it has a $ without a backslash. */
export function isExpandedByLoaders({ text }: EnvFile, variable: string): boolean {
  const line = text.split("\n").find((each) => each.replace(/^\s*(export\s+)?/, "").startsWith(`${variable}=`));
  const value = line?.slice(line.indexOf("=") + 1).trim() ?? "";
  return !value.startsWith("'") && /(^|[^\\])\$/.test(value);
}

/** The values of the environment. Later sources fill in what earlier ones lack. */
export function credentialsIn(profile: ProviderProfile, env: NodeJS.ProcessEnv): Credentials {
  const entries = profile.fields.map(({ name, variable }) => [name, env[variable]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Asks for what is missing, on a terminal only. */
export async function promptForMissing(
  profile: ProviderProfile,
  known: Credentials,
  io: Io,
  language: Language,
): Promise<Credentials> {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) return known;
  const credentials: Record<string, string> = { ...known };
  for (const field of profile.fields) {
    if (known[field.name] !== undefined || field.isOptional) continue;
    credentials[field.name] = await ask(io, question(profile, field, language), { isSecret: field.isSecret });
  }
  return credentials;
}

function question({ title }: ProviderProfile, { label, isSecret }: CredentialField, language: Language): string {
  const hidden = language === "ko" ? " (화면에 표시되지 않음)" : " (not shown)";
  return `${title[language]} ${label[language]}${isSecret ? hidden : ""}`;
}

import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { EmulatorOptions } from "./emulator.ts";
import { EMULATOR_FLAGS, emulatorOptions } from "./flags.ts";
import { InvalidInputError } from "./input-checks.ts";

/** A command line. */
export type Command = { kind: "help" } | { kind: "version" } | { kind: "start"; options: EmulatorOptions };

const FLAG_COLUMNS = 40;
const COLUMNS = 100;

export const HELP = `Usage: commerce-auth-emulator [options]

Runs a server that issues tokens as Toss Shopping, the Naver Commerce API and iamport
document it: for tests, and to try a client without real keys.

${Object.entries(EMULATOR_FLAGS)
  .map(([name, { value, description }]) =>
    helpLine(value === undefined ? `--${name}` : `--${name} ${value}`, description),
  )
  .join("\n")}
  --help, --version

GET /_emulator lists the routes that move its clock, set faults and show its requests.
`;

/** Reads the command line. Throws an InvalidInputError that names the flag. */
export function parseCommandLine(args: readonly string[]): Command {
  const { help, version, ...flags } = flagsOf(args);
  if (help) return { kind: "help" };
  return version ? { kind: "version" } : { kind: "start", options: emulatorOptions(flags) };
}

const FORMS: ParseArgsOptionsConfig = {
  help: { type: "boolean" },
  version: { type: "boolean" },
  ...Object.fromEntries(
    Object.entries(EMULATOR_FLAGS).map(([name, { value, isRepeatable = false }]) => [
      name,
      { type: value === undefined ? "boolean" : "string", multiple: isRepeatable } as const,
    ]),
  ),
};

function flagsOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FORMS }).values;
  } catch (error) {
    // The first sentence of parseArgs names the flag. The second is about positional arguments, which do not exist here.
    const message = error instanceof Error ? error.message : String(error);
    throw new InvalidInputError("command line", message.split(". ", 1)[0] ?? message);
  }
}

/** A flag and its description, which is broken at spaces. */
function helpLine(flag: string, description: string): string {
  const lines = [""];
  for (const word of description.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line.length + word.length >= COLUMNS - FLAG_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return `  ${flag}`.padEnd(FLAG_COLUMNS) + lines.join(`\n${" ".repeat(FLAG_COLUMNS)}`);
}

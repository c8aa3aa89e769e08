import { CommandError } from "./command-error.ts";
import { type Command, parseCommandLine } from "./command-line/command-line.ts";
import { doctorCommand } from "./doctor/doctor-command.ts";
import { emulatorCommand } from "./emulator/emulator-command.ts";
import { EXIT } from "./exit-codes.ts";
import { chooseLanguage, type Language } from "./language.ts";
import { lintCommand } from "./lint/lint-command.ts";
import type { Io } from "./terminal/io.ts";
import { tokenCommand } from "./token/token-command.ts";

/** Runs a command line. Returns the exit code, and never throws. */
export async function main(given: readonly string[], io: Io): Promise<number> {
  const { language, args } = chooseLanguage(given, io.env);
  try {
    const command = parseCommandLine(args, language, io);
    return command === undefined ? EXIT.ok : await run(command, language, io);
  } catch (error) {
    if (!(error instanceof CommandError)) {
      io.stderr.write(`commerce-auth: ${error instanceof Error ? error.message : String(error)}\n`);
      return EXIT.failed;
    }
    if (error.message !== "") io.stderr.write(`commerce-auth: ${error.message}\n`);
    return error.exitCode;
  }
}

function run(command: Command, language: Language, io: Io): Promise<number> {
  switch (command.command) {
    case "doctor":
      return doctorCommand(command, language, io);
    case "token":
      return tokenCommand(command, language, io);
    case "emulator":
      return emulatorCommand(command, language, io);
    case "lint":
      return lintCommand(command, language, io);
  }
}

import { object, or } from "@optique/core/constructs";
import { type RunOptions, runParserSync } from "@optique/core/facade";
import {
  commandLine,
  createMessageFormatter,
  lineBreak,
  type Message,
  type MessageFormatter,
  message,
  text,
} from "@optique/core/message";
import { map, multiple, optional, withDefault } from "@optique/core/modifiers";
import type { NonEmptyString } from "@optique/core/nonempty";
import type { InferValue, Parser } from "@optique/core/parser";
import { argument, command, constant, option } from "@optique/core/primitives";
import type { TerminalTheme } from "@optique/core/terminal";
import type { Usage } from "@optique/core/usage";
import { choice, float, string, url } from "@optique/core/valueparser";
import { EMULATOR_FLAGS, type EmulatorFlags, type FlagForm } from "@x/commerce-auth-emulator/command";
import packageJson from "../../package.json" with { type: "json" };
import { CommandError } from "../command-error.ts";
import { KOREAN_FLAGS } from "../emulator/emulator-texts.ts";
import { EXIT } from "../exit-codes.ts";
import type { Language } from "../language.ts";
import { PROVIDER_NAMES } from "../providers/profile.ts";
import type { Io } from "../terminal/io.ts";
import { BUILT_IN, EXAMPLES, HELP } from "./help-texts.ts";

/** The name of the program. */
export const PROGRAM = "commerce-auth";

const DEFAULT_TIMEOUT_SECONDS = 10;
const LONGEST_TIMEOUT_SECONDS = 600;

/** What the user asked for. */
export type Command = InferValue<ReturnType<typeof parserIn>>;

/** One of the commands, with its flags. */
export type CommandOf<Name extends Command["command"]> = Extract<Command, { command: Name }>;

/** Reads the command line. Undefined: a help page, the version or a completion script was printed. */
export function parseCommandLine(
  args: readonly string[],
  language: Language,
  { stdout, stderr, env }: Io,
): Command | undefined {
  const isColoured = stdout.isTTY === true && !env["NO_COLOR"];
  const options: RunOptions<undefined, never> = {
    help: { command: true, option: true, onShow: () => undefined },
    version: { option: true, value: packageJson.version, onShow: () => undefined },
    completion: { command: true, onShow: () => undefined },
    aboveError: "none",
    colors: isColoured,
    maxWidth: 80,
    ...wordsIn(language),
    commandList: "top-level",
    usageLine: usage(language === "ko" ? "명령" : "COMMAND", language),
    brief: message`${text(HELP.program[language])}`,
    examples: examples(EXAMPLES.program),
    footer: message`${text(HELP.secrets[language])}${lineBreak()}${text(HELP.exitCodes[language])}`,
    stdout: (shown) => stdout.write(`${shown}\n`),
    stderr: (shown) => stderr.write(`${shown}\n`),
    onError: () => {
      throw new CommandError("", EXIT.usage);
    },
  };
  return runParserSync(parserIn(language), PROGRAM, args.length === 0 ? ["--help"] : args, options);
}

/** All commands. The words that a user sees are in one language. */
function parserIn(language: Language) {
  const say = (name: keyof typeof HELP) => ({ description: message`${text(HELP[name][language])}` });
  const pages = (name: "doctor" | "lint" | "token" | "emulator", argumentName?: string) => ({
    brief: message`${text(HELP[name][language])}`,
    usageLine: usage(argumentName, language),
    footer: exampleFooter(EXAMPLES[name], language),
  });
  const path = () => string({ metavar: "FILE" });
  const common = {
    lang: optional(
      option(
        "--lang",
        choice(["ko", "en"], { metavar: "ko|en", errors: { invalidChoice: notAmong(language) } }),
        say("lang"),
      ),
    ),
    json: option("--json", say("json")),
  };
  const timeout = float({
    min: 0.1,
    max: LONGEST_TIMEOUT_SECONDS,
    metavar: "SECONDS",
    errors: { invalidNumber: notANumber(language) },
  });
  const errors = { invalidChoice: notAmong(language) };
  const provider = choice(PROVIDER_NAMES, { metavar: "PROVIDER", errors });
  const access = {
    // Not `--env-file`: Node looks for that one after the script too, and applies the file's NODE_OPTIONS.
    envFiles: multiple(option("--dotenv", path(), say("envFile"))),
    tokenUrl: optional(option("--token-url", url({ metavar: "URL" }), say("tokenUrl"))),
    test: option("--test", say("test")),
    timeout: withDefault(option("--timeout", timeout, say("timeout")), DEFAULT_TIMEOUT_SECONDS),
  };
  const doctor = object({
    command: constant("doctor"),
    provider: optional(argument(provider, say("doctorProvider"))),
    probe: option("--probe", say("probe")),
    slow: option("--slow", say("slow")),
    apiUrl: optional(option("--api-url", url({ metavar: "URL" }), say("apiUrl"))),
    ...access,
    ...common,
  });
  const lint = object({ command: constant("lint"), file: optional(argument(path(), say("file"))), ...common });
  const token = object({
    command: constant("token"),
    provider: argument(provider, { ...say("provider"), errors: { endOfInput: providerMissing(language) } }),
    header: option("--header", say("header")),
    store: optional(option("--store", string({ metavar: "STORE" }), say("store"))),
    ...access,
    ...common,
  });
  const emulator = object({
    command: constant("emulator"),
    flags: emulatorFlags(language),
    ...common,
  });
  return or(
    command("doctor", doctor, pages("doctor", "[PROVIDER]")),
    command("lint", lint, pages("lint", "[FILE]")),
    command("token", token, pages("token", "PROVIDER")),
    command("emulator", emulator, pages("emulator")),
    { errors: errorsIn(language) },
  );
}

/** The emulator's own flags. It checks their values itself. */
function emulatorFlags(language: Language) {
  const parserOf = (name: string, { value, isRepeatable, description }: FlagForm): Parser<"sync", unknown, unknown> => {
    const words = language === "ko" ? KOREAN_FLAGS[name as keyof EmulatorFlags] : `${capitalized(description)}.`;
    const say = { description: message`${text(words)}` };
    if (value === undefined) return option(`--${name}`, say);
    const valued = option(`--${name}`, string({ metavar: value as NonEmptyString }), say);
    return isRepeatable ? multiple(valued) : optional(valued);
  };
  const parsers = Object.entries(EMULATOR_FLAGS).map(([name, form]) => [name, parserOf(name, form)] as const);
  return map(object(Object.fromEntries(parsers)), (flags) => flags as EmulatorFlags);
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

function errorsIn(language: Language) {
  const help = message`${commandLine(`${PROGRAM} --help`)}`;
  return language === "ko"
    ? {
        noMatch: message`명령이 필요합니다. ${help} 를 보세요.`,
        unexpectedInput: (token: string) => message`알 수 없는 입력입니다: ${token}. ${help} 를 보세요.`,
      }
    : {
        noMatch: message`A command is missing. See ${help}.`,
        unexpectedInput: (token: string) => message`Unknown input: ${token}. See ${help}.`,
      };
}

function notAmong(language: Language) {
  return (input: string, choices: readonly string[]): Message => {
    const list = choices.join(", ");
    return language === "ko"
      ? message`쓸 수 없는 값입니다: ${input}. 다음 중에서 고르세요: ${text(list)}.`
      : message`${input} is none of: ${text(list)}.`;
  };
}

function notANumber(language: Language) {
  return (input: string): Message =>
    language === "ko" ? message`숫자가 아닙니다: ${input}.` : message`${input} is not a number.`;
}

function providerMissing(language: Language): Message {
  const names = text(PROVIDER_NAMES.join(", "));
  return language === "ko" ? message`제공사를 지정하세요: ${names}.` : message`Name a provider: ${names}.`;
}

function usage(argumentName: string | undefined, language: Language): (generated: Usage) => Usage {
  const words = [argumentName, language === "ko" ? "[옵션]" : "[OPTIONS]"].filter((word) => word !== undefined);
  return (generated) => [
    ...generated.filter(({ type }) => type === "command"),
    ...words.map((value) => ({ type: "literal", value }) as const),
  ];
}

function examples(lines: readonly string[]): Message {
  return lines.flatMap((line) => [text(`$ ${line}`), lineBreak()]);
}

function exampleFooter(lines: readonly string[], language: Language): Message {
  const heading = language === "ko" ? "예시:" : "Examples:";
  return [
    text(heading),
    ...lines.flatMap((line) => [lineBreak(), text(`  $ ${line}`)]),
    lineBreak(),
    lineBreak(),
    text(HELP.exitCodes[language]),
  ];
}

/** The library's own headings and sentences, in the user's language. */
function wordsIn(language: Language): { theme?: TerminalTheme; messageFormatter?: MessageFormatter } {
  if (language === "en") return {};
  const translated = (words: string) => BUILT_IN[words] ?? words;
  const bold = (label: string) =>
    ({ type: "style", style: { bold: true }, children: [{ type: "text", text: translated(label) }] }) as const;
  const theme: TerminalTheme = {
    label: ({ label }) => bold(label),
    errorLabel: ({ label }) => bold(label),
  };
  const format = createMessageFormatter(theme);
  const messageFormatter: MessageFormatter = (terms, options) =>
    format(
      terms.map((term) => (term.type === "text" ? { ...term, text: translated(term.text) } : term)),
      options,
    );
  return { theme, messageFormatter };
}

/** The languages that the command speaks. */
export type Language = "ko" | "en";

/** A text in each language. */
export type Text = Readonly<Record<Language, string>>;

/** A command line without `--lang`, and the language that it asked for. */
export interface LanguageChoice {
  readonly language: Language;
  /** The rest. A second `--lang`, or one that is neither `ko` nor `en`, stays for the parser to report. */
  readonly args: readonly string[];
}

/** The language of `--lang`, else of the locale. Read before the command line is parsed, since the help pages need it. */
export function chooseLanguage(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  systemLocale = locale(),
): LanguageChoice {
  const flags = args.flatMap((arg, index) => (/^--lang(=|$)/.test(arg) ? [index] : []));
  for (const index of flags) {
    const isAlone = args[index] === "--lang";
    const value = isAlone ? args[index + 1] : args[index]?.slice("--lang=".length);
    if (value !== "ko" && value !== "en") continue;
    return { language: value, args: flags.length > 1 ? args : args.toSpliced(index, isAlone ? 2 : 1) };
  }
  // The order of POSIX. "C" and "POSIX" are English too.
  const named = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || systemLocale;
  return { language: named.toLowerCase().startsWith("ko") ? "ko" : "en", args };
}

function locale(): string {
  return Intl.DateTimeFormat().resolvedOptions().locale;
}

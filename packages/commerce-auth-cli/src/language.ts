/** The languages that the command speaks. */
export type Language = "ko" | "en";

/** A text in each language. */
export type Text = Readonly<Record<Language, string>>;

/** A command line without `--lang`, and the language that it asked for. */
export interface LanguageChoice {
  readonly language: Language;
  /** The rest. A `--lang` that is neither `ko` nor `en` stays, for the parser to report. */
  readonly args: readonly string[];
}

/** The language of `--lang`, else of the locale. Read before the command line is parsed, since the help pages need it. */
export function chooseLanguage(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  systemLocale = locale(),
): LanguageChoice {
  for (const [index, arg] of args.entries()) {
    const isAlone = arg === "--lang";
    const value = isAlone ? args[index + 1] : /^--lang=(.*)$/.exec(arg)?.[1];
    if (value === "ko" || value === "en") return { language: value, args: args.toSpliced(index, isAlone ? 2 : 1) };
  }
  // The order of POSIX. "C" and "POSIX" are English too.
  const named = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || systemLocale;
  return { language: named.toLowerCase().startsWith("ko") ? "ko" : "en", args };
}

function locale(): string {
  return Intl.DateTimeFormat().resolvedOptions().locale;
}

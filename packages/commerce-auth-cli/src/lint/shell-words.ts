import { UNKNOWN, UnreadableRequest } from "./http-request.ts";

/** The words of a shell line. Nothing is executed and no variable is read. */
export interface ShellWords {
  readonly words: readonly string[];
  /** The names of the variables and commands that a shell would have put in. */
  readonly expansions: readonly string[];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/** Splits a line as a POSIX shell does, with `$'…'` of bash. Throws on a quote that is not closed. */
export function shellWords(line: string): ShellWords {
  const reader = new Reader(line);
  const words: string[] = [];
  for (let word = reader.word(); word !== undefined; word = reader.word()) words.push(word);
  return { words, expansions: reader.expansions };
}

class Reader {
  readonly expansions: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next word; undefined at the end of the command. */
  word(): string | undefined {
    while (this.#skip(/\s+/y) || this.#skip(/\\\r?\n/y));
    let word: string | undefined;
    while (this.#at < this.#text.length) {
      const part = this.#part();
      if (part === undefined) break;
      word = (word ?? "") + part;
    }
    return word;
  }

  /** A quoted or plain part of a word; undefined at the word's end. */
  #part(): string | undefined {
    if (this.#skip(/'/y)) return this.#until(/[^']*/y, "'");
    if (this.#skip(/\$'/y)) return this.#ansi();
    if (this.#skip(/"/y)) return this.#doubleQuoted();
    if (this.#skip(/\\\r?\n/y)) return "";
    const escaped = this.#take(/\\([\s\S])/y);
    if (escaped !== undefined) return escaped;
    const expansion = this.#expansion();
    if (expansion !== undefined) return expansion;
    // A pipe, a redirection or the next command ends what curl sees.
    if (/[|;&<>]/.test(this.#text[this.#at] ?? "")) this.#at = this.#text.length;
    return this.#take(/([^\s'"\\$`|;&<>]+|\$)/y);
  }

  #doubleQuoted(): string {
    let text = "";
    while (!this.#skip(/"/y)) {
      const part =
        this.#take(/([^"\\$`]+)/y) ??
        (this.#skip(/\\\r?\n/y) ? "" : this.#take(/\\(["\\$`])/y)) ??
        this.#expansion() ??
        this.#take(/([\s\S])/y);
      if (part === undefined) throw new UnreadableRequest("quotes");
      text += part;
    }
    return text;
  }

  #ansi(): string {
    let text = "";
    while (!this.#skip(/'/y)) {
      const part = this.#take(/([^'\\]+)/y) ?? this.#ansiEscape();
      if (part === undefined) throw new UnreadableRequest("quotes");
      text += part;
    }
    return text;
  }

  #ansiEscape(): string | undefined {
    const code = this.#take(/\\u([\da-f]{1,4})/iy) ?? this.#take(/\\x([\da-f]{1,2})/iy);
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const character = this.#take(/\\([\s\S])/y);
    return character && (ESCAPES[character] ?? `\\${character}`);
  }

  /** `$name`, `${…}`, `$(…)` or backticks. A shell puts something in; here its place is marked. */
  #expansion(): string | undefined {
    const name =
      this.#take(/\$(\w)(?<=\d)/y) ??
      this.#take(/\$([A-Za-z_]\w*)/y) ??
      this.#take(/\$\{([^}]*)\}/y) ??
      this.#substitution();
    if (name === undefined) return undefined;
    this.expansions.push(name);
    return UNKNOWN;
  }

  #substitution(): string | undefined {
    if (this.#skip(/`/y)) return this.#until(/[^`]*/y, "`");
    if (!this.#skip(/\$\(/y)) return undefined;
    const from = this.#at;
    for (let depth = 1; depth > 0; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new UnreadableRequest("quotes");
      if (character === "(") depth++;
      if (character === ")") depth--;
    }
    return this.#text.slice(from, this.#at - 1);
  }

  #until(pattern: RegExp, end: string): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += text.length;
    if (this.#text[this.#at] !== end) throw new UnreadableRequest("quotes");
    this.#at += 1;
    return text;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[1];
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (pattern.exec(this.#text) === null) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}

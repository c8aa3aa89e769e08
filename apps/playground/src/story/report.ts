import { styleText } from "node:util";
import { PROVIDERS } from "@x/commerce-auth-emulator";
import type { Language } from "../chapters/words.ts";
import type { StepResult, StoryResult } from "./play.ts";
import { koreanFact, REPORT_WORDS } from "./report-words.ts";
import type { Chapter, Value } from "./step.ts";

const WIDTH = 78;
const LABEL_WIDTH = 34;
const VALUE_WIDTH = 21;
const INDENT = "    ";

type Style = Parameters<typeof styleText>[0];

/** Writes the story to a terminal: calm, aligned, and in colour only if colour is wanted. */
export class Report {
  readonly #print: (text: string) => void;
  readonly #stream: NodeJS.WriteStream;
  readonly #language: Language;

  constructor(stream: NodeJS.WriteStream, language: Language, onPrint: (text: string) => void = () => {}) {
    this.#stream = stream;
    this.#language = language;
    this.#print = (text) => {
      stream.write(text);
      onPrint(text);
    };
  }

  opening(): void {
    this.#line(this.#style("bold", `  ${this.#words.title}`));
    this.#line();
    this.#paragraph(this.#words.opening, "  ");
  }

  chapter({ title, about }: Chapter): void {
    this.#line();
    this.#line();
    this.#line(`  ${this.#style(["bold", "cyan"], title[this.#language])}`);
    if (about !== undefined) this.#paragraph(about[this.#language], "  ", "dim");
    this.#line();
    const { expected, seen } = this.#words;
    this.#line(this.#style("dim", `${" ".repeat(LABEL_WIDTH + 4)}${right(expected)}${right(seen)}`));
  }

  step(result: StepResult): void {
    const mark = result.held ? this.#style("green", "✓") : this.#style("red", "✗");
    const [first = "", ...more] = wrapped(result.shows[this.#language], WIDTH - INDENT.length);
    this.#line(`  ${mark} ${this.#style("bold", first)}`);
    for (const line of more) this.#line(INDENT + this.#style("bold", line));
    for (const [fact, expected] of Object.entries(result.expected)) {
      this.#row(this.#language === "ko" ? koreanFact(fact) : fact, [expected], [result.seen[fact]]);
    }
    const { expectedTokenRequests, tokenRequests } = result;
    if (expectedTokenRequests !== undefined) {
      this.#row(
        this.#words.requests,
        PROVIDERS.map((provider) => expectedTokenRequests[provider]),
        PROVIDERS.map((provider) => tokenRequests[provider]),
      );
    }
    if (result.tells !== undefined) this.#paragraph(result.tells[this.#language], INDENT);
    if (result.problem !== undefined) this.#paragraph(result.problem, INDENT, "red");
    this.#line();
  }

  closing({ held, leftOut, steps, calls, tokenRequests, durationMs }: StoryResult): void {
    const failed = steps.filter((step) => !step.held);
    const words = this.#words;
    const outcome = held ? words.held(steps.length) : words.failed(failed.length, steps.length);
    const requests = PROVIDERS.reduce((sum, provider) => sum + tokenRequests[provider], 0);
    this.#line(this.#style("dim", `  ${"─".repeat(WIDTH - 2)}`));
    this.#line(
      `  ${this.#style(["bold", held ? "green" : "red"], `${held ? "✓" : "✗"} ${outcome}`)} (${(durationMs / 1_000).toFixed(1)} s)`,
    );
    for (const { name } of failed) this.#line(`      ${name}`);
    this.#paragraph(words.totals(number(calls), number(requests), tokenRequests), INDENT);
    for (const text of leftOut) this.#paragraph(text[this.#language], INDENT, "yellow");
    this.#line();
    this.#line(this.#style("dim", `    npm start                ${words.start}`));
    this.#line(this.#style("dim", `    npm run demo -- --json   ${words.json}`));
  }

  get #words() {
    return REPORT_WORDS[this.#language];
  }

  #row(label: string, expected: readonly Value[], seen: readonly (Value | undefined)[]): void {
    const texts = [joined(expected), joined(seen)] as const;
    const isSame = texts[0] === texts[1] || texts[0].includes("≤") || texts[0].includes("≥");
    const shownLabel = this.#style("dim", padded(label, LABEL_WIDTH - 2));
    const [left, rightmost] = texts.map(right);
    this.#line(
      `      ${shownLabel}${this.#style("dim", left ?? "")}${isSame ? rightmost : this.#style("red", rightmost ?? "")}`,
    );
  }

  #paragraph(text: string, indent: string, style?: Style): void {
    for (const line of wrapped(text, WIDTH - indent.length)) {
      this.#line(indent + (style === undefined ? line : this.#style(style, line)));
    }
  }

  #line(text = ""): void {
    this.#print(`${text}\n`);
  }

  /** Colours only a terminal, and only without NO_COLOR. */
  #style(style: Style, text: string): string {
    return styleText(style, text, { stream: this.#stream, validateStream: true });
  }
}

function joined(values: readonly (Value | undefined)[]): string {
  return values.map((value) => format(value)).join(" · ");
}

function format(value: Value | undefined): string {
  if (value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "number" ? number(value) : value;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}

function right(text: string): string {
  return " ".repeat(Math.max(0, VALUE_WIDTH - columns(text))) + text;
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columns(text)));
}

/** How wide a text is in a terminal: Korean syllables take two columns. */
function columns(text: string): number {
  return [...text].reduce((sum, letter) => sum + (/[\p{Script=Hangul}]/u.test(letter) ? 2 : 1), 0);
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

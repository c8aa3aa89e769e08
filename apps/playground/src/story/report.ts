import { styleText } from "node:util";
import { PROVIDERS, type StepResult, type StoryResult } from "./play.ts";
import type { Chapter, Value } from "./step.ts";

const WIDTH = 78;
const LABEL_WIDTH = 34;
const VALUE_WIDTH = 21;
const INDENT = "    ";

type Style = Parameters<typeof styleText>[0];

/** Writes the story to a terminal: calm, aligned, in colour only where colour is wanted. */
export class Report {
  readonly #print: (text: string) => void;
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream, onPrint: (text: string) => void = () => {}) {
    this.#stream = stream;
    this.#print = (text) => {
      stream.write(text);
      onPrint(text);
    };
  }

  opening(): void {
    this.#line(this.#style("bold", "  Three commerce providers, and one token each for everybody"));
    this.#line();
    this.#paragraph(
      "Below, real packages talk to an emulator of the providers over real sockets. Hours pass in a moment, since " +
        "clients and emulator share a clock that can be moved. Every number is counted, not told.",
      "  ",
    );
  }

  chapter({ title, about }: Chapter): void {
    this.#line();
    this.#line();
    this.#line(`  ${this.#style(["bold", "cyan"], title)}`);
    this.#paragraph(about, "  ", "dim");
    this.#line();
    this.#line(this.#style("dim", `${" ".repeat(LABEL_WIDTH + 4)}${right("expected")}${right("seen")}`));
  }

  step(result: StepResult): void {
    const [, title = result.name] = /: (.*)$/.exec(result.name) ?? [];
    const mark = result.held ? this.#style("green", "✓") : this.#style("red", "✗");
    this.#line(`  ${mark} ${this.#style("bold", title[0]?.toUpperCase() + title.slice(1))}`);
    this.#paragraph(result.shows, INDENT);
    for (const [fact, expected] of Object.entries(result.expected)) {
      this.#row(fact, [expected], [result.seen[fact]]);
    }
    const { expectedTokenRequests, tokenRequests } = result;
    this.#row(
      "requests: Toss · Naver · iamport",
      PROVIDERS.map((provider) => expectedTokenRequests[provider]),
      PROVIDERS.map((provider) => tokenRequests[provider]),
    );
    if (result.problem !== undefined) this.#paragraph(result.problem, INDENT, "red");
    this.#line();
  }

  closing({ held, leftOut, steps, calls, tokenRequests, durationMs }: StoryResult): void {
    const failed = steps.filter((step) => !step.held);
    const outcome = held ? `All ${steps.length} steps held` : `${failed.length} of ${steps.length} steps did not hold`;
    const requests = PROVIDERS.reduce((sum, provider) => sum + tokenRequests[provider], 0);
    this.#line(this.#style("dim", `  ${"─".repeat(WIDTH - 2)}`));
    this.#line(
      `  ${this.#style(["bold", held ? "green" : "red"], `${held ? "✓" : "✗"} ${outcome}`)}, in ${(durationMs / 1_000).toFixed(1)} s.`,
    );
    for (const { name } of failed) this.#line(`      ${name}`);
    this.#paragraph(
      `${number(calls)} calls of getToken; ${number(requests)} requests reached the token endpoints ` +
        `(Toss ${tokenRequests.toss}, Naver ${tokenRequests.naver}, iamport ${tokenRequests.iamport}), faults included.`,
      INDENT,
    );
    for (const text of leftOut) this.#paragraph(`Left out: ${text}`, INDENT, "yellow");
    this.#line();
    this.#line(this.#style("dim", "    npm start                play with it yourself, in a browser"));
    this.#line(this.#style("dim", "    npm run demo -- --json   the same story for a program to read"));
  }

  #row(label: string, expected: readonly Value[], seen: readonly (Value | undefined)[]): void {
    const texts = [joined(expected), joined(seen)] as const;
    const isSame = texts[0] === texts[1] || texts[0].includes("≤") || texts[0].includes("≥");
    const shownLabel = this.#style("dim", label.padEnd(LABEL_WIDTH - 2));
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

  /** Colours only a terminal, and not where NO_COLOR is set. */
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
  return text.padStart(VALUE_WIDTH);
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

import { styleText } from "node:util";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import type { Output } from "./io.ts";

export type Colour = "green" | "red" | "yellow" | "cyan" | "bold" | "dim";

/** How text is laid out on one output. */
export interface Layout {
  /** The text in a colour, if the output shows colours. */
  paint(colour: Colour, text: string): string;
  /** The text, broken at spaces, with an indentation. Korean letters are two columns wide. */
  wrap(text: string, indent: number): string;
  /** The text, filled with spaces up to a width. */
  pad(text: string, width: number): string;
}

const WIDEST = 80;
const NARROWEST = 40;

/** The layout of an output: colours only on a terminal and without `NO_COLOR`, at most 80 columns. */
export function layoutOf({ isTTY, columns }: Output, env: NodeJS.ProcessEnv): Layout {
  const isColoured = isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const width = Math.max(NARROWEST, Math.min(WIDEST, columns ?? WIDEST));
  return {
    paint: (colour, text) => (isColoured ? styleText(colour, text, { validateStream: false }) : text),
    wrap(text, indent) {
      // Words that are too long for a line, such as URLs, begin on a line of their own.
      const words = wrapAnsi(text, width - indent);
      const lines = wrapAnsi(words, width - indent, { hard: true }).split("\n");
      return lines.map((line) => " ".repeat(indent) + line.trimEnd()).join("\n");
    },
    pad: (text, padded) => text + " ".repeat(Math.max(0, padded - stringWidth(text))),
  };
}

import { StringDecoder } from "node:string_decoder";
import { CommandError, EXIT } from "../exit-codes.ts";
import type { Io } from "./io.ts";

const ENTER = /[\r\n]/;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACE = /[\b\u007f]/;

/** Asks for a text on the terminal. A secret is not shown while it is typed or pasted. */
export async function ask(
  { stdin, stderr }: Io,
  question: string,
  { isSecret }: { isSecret: boolean },
): Promise<string> {
  stdin.setRawMode?.(true);
  stderr.write(`${question}: `);
  stdin.resume();
  try {
    return await typed(stdin, isSecret ? () => {} : (text) => stderr.write(text));
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function typed(stdin: NodeJS.ReadableStream, echo: (text: string) => void): Promise<string> {
  const decoder = new StringDecoder("utf8");
  let text = "";
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      stdin.off("data", read);
      stdin.off("end", end);
      settle();
    };
    const end = () => finish(() => resolve(text));
    const read = (chunk: Buffer | string) => {
      for (const key of typeof chunk === "string" ? chunk : decoder.write(chunk)) {
        if (key === CTRL_C) return finish(() => reject(new CommandError("", EXIT.interrupted)));
        if (ENTER.test(key) || key === CTRL_D) return end();
        if (BACKSPACE.test(key)) {
          if (text !== "") echo("\b \b");
          text = text.slice(0, -1);
        } else if (key >= " ") {
          text += key;
          echo(key);
        }
      }
    };
    stdin.on("data", read);
    stdin.once("end", end);
  });
}

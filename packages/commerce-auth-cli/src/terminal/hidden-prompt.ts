import { StringDecoder } from "node:string_decoder";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "./io.ts";

const ENTER = /[\r\n]/;
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACE = /[\b\u007f]/;

/** How the user types a text. */
interface Typing {
  /** It is not shown while it is typed or pasted. */
  readonly isSecret: boolean;
  /** It may have several lines: Ctrl+D ends it. */
  readonly isLong?: boolean;
}

/** Asks for a text on the terminal. */
export async function ask(io: Io, question: string, { isSecret, isLong = false }: Typing): Promise<string> {
  const { stdin, stderr } = io;
  stdin.setRawMode?.(true);
  stderr.write(`${question}: `);
  stdin.resume();
  try {
    return await typed(stdin, isLong, isSecret ? () => {} : (text) => stderr.write(text));
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function typed(stdin: NodeJS.ReadableStream, isLong: boolean, echo: (text: string) => void): Promise<string> {
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
        if (key === CTRL_D || (ENTER.test(key) && !isLong)) return end();
        if (BACKSPACE.test(key)) {
          if (text !== "") echo("\b \b");
          text = text.slice(0, -1);
        } else if (key >= " " || ENTER.test(key)) {
          text += key.replace("\r", "\n");
          echo(key);
        }
      }
    };
    stdin.on("data", read);
    stdin.once("end", end);
  });
}

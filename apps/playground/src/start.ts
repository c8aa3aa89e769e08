// `npm start`: the emulator and a page to play with, until Ctrl-C.

import { parseArgs, styleText } from "node:util";
import { PROVIDERS } from "@x/commerce-auth-emulator";
import { missingVariables } from "./server/clients.ts";
import { Show } from "./server/show.ts";
import { WebServer } from "./server/web-server.ts";

const DEFAULT_PORT = 4180;

const USAGE = `npm start                      the emulator and a page to play with, until Ctrl-C
npm start -- --port 8080       on this port; default ${DEFAULT_PORT}, or a free one if that is taken
npm start -- --live            with the real providers, by the keys in the environment
`;

class UsageError extends Error {}

try {
  await main();
  // A chapter that is being played ends here, with its processes.
  process.exit();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\n\n${error instanceof UsageError || "code" in error ? USAGE : ""}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      live: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const port = values.port === undefined ? undefined : portNumber(values.port);
  if (values.live) checkKeys();

  const ended = untilEnded();
  await using show = values.live ? Show.live(process.env) : await Show.emulated();
  await using server = await listen(show, port);
  welcome(server.origin, show);
  await ended;
}

/** On the given port, or on the usual one, or on a free one. */
async function listen(show: Show, port: number | undefined): Promise<WebServer> {
  try {
    return await WebServer.listen(show, port ?? DEFAULT_PORT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (port !== undefined) throw new UsageError(`Port ${port} is taken. Give another one, or leave --port out.`);
    return WebServer.listen(show, 0);
  }
}

function untilEnded(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port must be a number from 0 to 65535, not ${text}.`);
}

function checkKeys(): void {
  const missing = missingVariables(process.env);
  if (PROVIDERS.some((provider) => missing[provider].length === 0)) return;
  const lines = PROVIDERS.map((provider) => `  ${provider.padEnd(8)} ${missing[provider].join(", ")}`);
  throw new UsageError(`--live needs the keys of at least one provider in the environment:\n${lines.join("\n")}`);
}

function welcome(origin: string, { playground: { emulator } }: Show): void {
  const bold = (text: string) => styleText("bold", text, { stream: process.stdout, validateStream: true });
  const dim = (text: string) => styleText("dim", text, { stream: process.stdout, validateStream: true });
  const lines =
    emulator === undefined
      ? [
          `  ${bold("The playground talks to the REAL providers, with the keys of the environment.")}`,
          "",
          `  Open   ${bold(origin)}`,
          "",
          "  A click asks for real tokens and makes real, read-only API calls.",
        ]
      : [
          `  ${bold("Toss Shopping, Naver Commerce and iamport tokens, to play with")}`,
          "",
          `  Open   ${bold(origin)}`,
          "",
          "  What goes wrong with fifteen hand-written lines, and does not here: chapter by chapter, in three minutes.",
          "  브라우저 언어가 한국어면 한국어로 열립니다.",
          "",
          dim(`  The providers are emulated at ${emulator.origin}; keys and tokens are made up.`),
          dim("  Without a browser: npm run demo"),
        ];
  process.stdout.write(`\n${lines.join("\n")}\n\n${dim("  Ctrl-C ends it.")}\n`);
}

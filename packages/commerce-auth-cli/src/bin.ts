#!/usr/bin/env node
import { EXIT } from "./exit-codes.ts";
import { main } from "./main.ts";

/** Catches the signals only for a command that asks for it: all others end at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // `once`: a second signal ends the process even if stopping hangs.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

// The reader of a pipe may stop early, as `head` does.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? EXIT.ok : EXIT.failed));
// A warning that nobody reads does not change the result.
process.stderr.on("error", () => {});

const { env, stdin, stdout, stderr } = process;
process.exitCode = await main(process.argv.slice(2), { env, stdin, stdout, stderr, stopSignal });

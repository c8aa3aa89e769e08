#!/usr/bin/env node
import { main } from "./main.ts";

/** Catches the signals only for a command that asks for it: all others end at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // `once`: a second signal ends the process even if stopping hangs.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}

const { env, stdin, stdout, stderr } = process;
process.exitCode = await main(process.argv.slice(2), { env, stdin, stdout, stderr, stopSignal });

#!/usr/bin/env node
import { main } from "./main.ts";

const stop = new AbortController();
// `once`: a second signal ends the process even if stopping hangs.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

const { env, stdin, stdout, stderr } = process;
process.exitCode = await main(process.argv.slice(2), { env, stdin, stdout, stderr, stop: stop.signal });

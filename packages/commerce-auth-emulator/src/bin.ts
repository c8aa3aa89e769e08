#!/usr/bin/env node
import packageJson from "../package.json" with { type: "json" };
import { HELP, parseCommandLine } from "./command-line.ts";
import { connectionGuide } from "./connection-guide.ts";
import type { EmulatorOptions } from "./emulator.ts";
import { InvalidInputError } from "./input-checks.ts";
import { startEmulator } from "./start-emulator.ts";

const WRONG_USAGE = 2;
const FAILED = 1;

// Without a reader of its output, the emulator goes on serving.
for (const output of [process.stdout, process.stderr]) output.on("error", () => {});

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  try {
    const command = parseCommandLine(args);
    if (command.kind === "help") process.stdout.write(HELP);
    else if (command.kind === "version") process.stdout.write(`${packageJson.version}\n`);
    else await run(command.options);
  } catch (error) {
    process.stderr.write(`commerce-auth-emulator: ${explained(error)}\n`);
    process.exitCode = error instanceof InvalidInputError ? WRONG_USAGE : FAILED;
  }
}

async function run(options: EmulatorOptions): Promise<void> {
  const emulator = await startEmulator(options);
  // `once`: a second signal ends the process even if closing hangs.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void emulator.close());
  process.stdout.write(`${connectionGuide(emulator)}\nPress Ctrl+C to stop.\n`);
}

function explained(error: unknown): string {
  if (error instanceof InvalidInputError) return `${error.message}\nRun it with --help to list the options.`;
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  if (code === "EADDRINUSE") return `${address}:${port} is in use. Choose another --port, or 0 for a free one.`;
  if (code === "EADDRNOTAVAIL") return `${address} is not an address of this machine. Choose another --host.`;
  if (code === "EACCES") return `port ${port} needs rights that this user does not have. Choose a --port above 1023.`;
  return error instanceof Error ? error.message : String(error);
}

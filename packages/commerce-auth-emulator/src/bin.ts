#!/usr/bin/env node
import packageJson from "../package.json" with { type: "json" };
import { HELP, parseCommandLine } from "./command-line.ts";
import type { Emulator, EmulatorOptions } from "./emulator.ts";
import { InvalidInputError } from "./input-checks.ts";
import { startEmulator } from "./start-emulator.ts";

const WRONG_USAGE = 2;
const FAILED = 1;

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
  // A second signal ends the process at once, should closing ever hang.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void emulator.close());
  process.stdout.write(introduction(emulator));
}

function explained(error: unknown): string {
  if (error instanceof InvalidInputError) return `${error.message}\nRun it with --help to see the options.`;
  const { code, address, port } = error as { code?: string; address?: string; port?: number };
  if (code === "EADDRINUSE") return `${address}:${port} is in use; name another --port, or 0 for a free one`;
  if (code === "EADDRNOTAVAIL") return `${address} is not an address of this machine; name another --host`;
  if (code === "EACCES") return `port ${port} needs rights this user does not have; name a --port above 1023`;
  return error instanceof Error ? error.message : String(error);
}

/** The credentials are the emulator's own, made up and published: they open nothing else. */
function introduction({ origin, toss, naver, iamport }: Emulator): string {
  return `commerce-auth-emulator listens on ${origin}; Ctrl+C ends it.

Toss Shopping
  token endpoint   POST ${toss.tokenUrl}
  API              GET  ${toss.apiBaseUrl}/${toss.credentials.solutionCode}/products/categories/children
  TOSS_SHOPPING_ACCESS_KEY='${toss.credentials.accessKey}'
  TOSS_SHOPPING_SECRET_KEY='${toss.credentials.secretKey}'

Naver Commerce API
  token endpoint   POST ${naver.tokenUrl}
  API              GET  ${naver.apiBaseUrl}/v1/seller/account
  NAVER_COMMERCE_CLIENT_ID='${naver.credentials.clientId}'
  NAVER_COMMERCE_CLIENT_SECRET='${naver.credentials.clientSecret}'   (keep the single quotes: a shell expands $)
  NAVER_COMMERCE_ACCOUNT_ID='${naver.credentials.accountId}'   (for type=SELLER)

iamport (PortOne V1)
  token endpoint   POST ${iamport.tokenUrl}
  API              GET  ${iamport.apiBaseUrl}/payments/imp_448280090638
  IAMPORT_IMP_KEY='${iamport.credentials.impKey}'
  IAMPORT_IMP_SECRET='${iamport.credentials.impSecret}'

Clock, faults, journal: GET ${origin}/_emulator
`;
}

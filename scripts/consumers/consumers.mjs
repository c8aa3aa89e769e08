// `pnpm consumers [part of a name …]`: uses the packed packages in empty folders, with the runtimes, compilers, bundlers and
// installers of their users. A whole run writes docs/consumers.md.

import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nextMinor } from "../check-provider.mjs";
import { providers } from "../providers.ts";
import { findPnpm, setUp } from "../set-up.mjs";
import { packAll } from "../tarballs.mjs";
import { giveUp, root, run } from "../workspace.mjs";

const wanted = process.argv.slice(2);
await setUp({ build: true });
await installTools();
const { Consumer } = await import("./consumer.mjs");
const { matrix } = await import("./matrix.mjs");
const { consumersPage } = await import("./page.mjs");
const { startEmulator } = await import("../../packages/commerce-auth-emulator/dist/index.js");

const rows = matrix.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (rows.length === 0) giveUp(`No consumer has such a name. There are: ${matrix.map(({ name }) => name).join("; ")}.`);

const temporary = realpathSync(mkdtempSync(join(tmpdir(), "consumers-")));
const emulator = await startEmulator();
const results = [];
try {
  const tarballs = packAll(temporary);
  const variables = { COMMERCE_AUTH_EMULATOR: emulator.origin };
  const installed = new Consumer(join(temporary, "installed"), variables);
  await installed.installWithNpm({ private: true, type: "module", dependencies: tarballs });
  const world = {
    tarballs,
    nextCore: nextMinor(join(root, "packages/token-cache-core"), temporary),
    options: optionsOf(emulator),
  };

  for (const [index, row] of rows.entries()) {
    const consumer = new Consumer(join(temporary, `consumer-${index}`), variables);
    if (!row.isEmpty) cpSync(installed.folder, consumer.folder, { recursive: true });
    const problem = row.never === undefined ? await problemOf(row, consumer, world) : undefined;
    results.push({ ...row, problem });
    console.log(`${row.name}: ${row.never ?? (problem === undefined ? "works" : `FAILS\n${problem}`)}`);
    rmSync(consumer.folder, { recursive: true });
  }
} finally {
  await emulator.close();
  rmSync(temporary, { recursive: true, force: true });
}
if (wanted.length === 0) writeFileSync(join(root, "docs/consumers.md"), consumersPage(results));
const failed = results.filter(({ problem }) => problem !== undefined);
console.log(`${results.length - failed.length} of ${results.length} consumers are served.`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function problemOf({ use, expected }, consumer, world) {
  try {
    const written = await use(consumer, world);
    return written === expected ? undefined : `It wrote ${written}, not ${expected}.`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Bundlers and compilers are not part of the workspace: only this command needs them. */
async function installTools() {
  const options = { stdio: "collect", cwd: import.meta.dirname };
  const { code, output } = await run(await findPnpm(), ["install", "--frozen-lockfile"], options);
  if (code !== 0) giveUp("The tools could not be installed. Is the npm registry reachable? Then run it again.", output);
}

function optionsOf(emulator) {
  return Object.fromEntries(providers.map(({ emulated }) => [emulated, emulator[emulated].options]));
}

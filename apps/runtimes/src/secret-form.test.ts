// Case 53: the one form of Naver's secret that the README and the errors recommend, through every real loader.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startEmulator } from "@x/commerce-auth-emulator";
import { expect, it } from "vitest";
import { findProgram, mustBeThere } from "./programs.test-support.ts";

/** With all characters that a salt may have. `$abc` would be a variable. */
const SECRET = "$2a$04$abcXYZ0189./abcXYZ0189";
const DOTENV = `NAVER_COMMERCE_CLIENT_SECRET=${SECRET.replaceAll("$", "\\$")}\n`;
const PROGRAM = fileURLToPath(new URL("secret-form.ts", import.meta.url));

const shell = (program: string[], source: string) => [
  ...program,
  "-c",
  `set -a; ${source} ./.env; exec "$0" "$@"`,
  process.execPath,
];
const deno = ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual", "--env-file"];

it.for([
  ["dotenv", 3, [process.execPath]],
  ["dotenv-expand", 0, [process.execPath]],
  ["@next/env", 0, [process.execPath]],
  ["@nestjs/config", 3, [process.execPath]],
  ["@nestjs/config that expands variables", 0, [process.execPath]],
  ["node --env-file", 3, [process.execPath, "--env-file=.env"]],
  ["Bun", 0, ["bun"]],
  ["Deno", 0, ["deno", ...deno]],
  ["sh", 0, shell(["sh"], ".")],
  ["bash", 0, shell(["bash", "--norc"], "source")],
] as const)("%s", async ([loader, backslashes, command], { skip }) => {
  const [name, ...options] = command;
  const isRuntime = name === "bun" || name === "deno";
  const program = isRuntime ? findProgram(name) : name;
  if (program === undefined && !mustBeThere()) return skip();
  await using emulator = await startEmulator({
    naver: { applications: [{ clientId: "client", clientSecret: SECRET }] },
  });
  const folder = await mkdtemp(join(tmpdir(), "secret-form-"));
  try {
    await writeFile(join(folder, ".env"), DOTENV);
    const { stdout, stderr } = await promisify(execFile)(
      `${program}`,
      [...options, PROGRAM, loader, emulator.naver.tokenUrl],
      { cwd: folder, timeout: 25_000, env: { PATH: process.env["PATH"], NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" } },
    );
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({ tokenType: "Bearer", backslashes });
  } finally {
    await rm(folder, { recursive: true });
  }
});

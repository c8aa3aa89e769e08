import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { run } from "./command.test-support.ts";

const BIN = fileURLToPath(new URL("bin.ts", import.meta.url));

/** A process of its own: what Node itself makes of the command line, and pipes that end early. */
async function exitCodeOf(args: readonly string[], closed?: "stdout" | "stderr") {
  const { PATH } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { env: { PATH }, stdio: ["ignore", "pipe", "pipe"] });
  if (closed !== undefined) child[closed].destroy();
  return await new Promise<number | null>((resolve) => child.once("close", resolve));
}

/** Each option of each command, with the same file as its value. */
async function everyOption(file: string): Promise<string[]> {
  const pages = await Promise.all(["doctor", "lint", "token", "emulator"].map((name) => run([name, "--help"])));
  const options = pages.flatMap(({ out }) => [...out.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, option = ""]) => option));
  expect(options).toContain("--dotenv");
  return [...new Set(options)].flatMap((option) => [option, file]);
}

describe("Node, which looks for some of its own options after the script too", () => {
  it("takes no option of the command for its own", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bin-"));
    const file = join(folder, "node.env");
    const script = join(folder, "required.cjs");
    const mark = join(folder, "mark");
    await writeFile(file, `NODE_OPTIONS="--require ${script}"\n`);
    await writeFile(script, `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "")`);
    const code = await exitCodeOf(["token", "iamport", ...(await everyOption(file))]);
    expect({ code, hasRun: existsSync(mark) }).toEqual({ code: 2, hasRun: false });
    // A file that Node cannot read ends the process with 9.
    expect(await exitCodeOf(["token", "iamport", ...(await everyOption(join(folder, "missing")))])).toBe(2);
    await rm(folder, { recursive: true });
  });
});

describe("a pipe whose reader has gone", () => {
  it.each([
    [["token", "iamport"], "stderr", 2],
    [["--help"], "stdout", 0],
  ] as const)("does not change the exit code: %j, %s", async (args, closed, code) => {
    expect(await exitCodeOf(args, closed)).toBe(code);
  });
});

it("lint reads long white space, which overflows the stack of a regular expression that Node has not compiled yet", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bin-"));
  const file = join(folder, "request.txt");
  await writeFile(file, `curl${" ".repeat(49_000_000)}-s`);
  expect(await exitCodeOf(["lint", file])).toBe(2);
  await rm(folder, { recursive: true });
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startEmulator } from "./start-emulator.ts";

const BIN = fileURLToPath(new URL("bin.ts", import.meta.url));

function run(...args: string[]) {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  return { child, output };
}

async function exitOf(child: ChildProcess) {
  const [code, signal] = await once(child, "close");
  return { code, signal };
}

describe("the command", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "says where it listens and what it accepts, and ends cleanly on %s",
    async (signal) => {
      const { child, output } = run("--port", "0");
      await expect.poll(() => output.out).toContain("to stop.\n");
      const origin = /listens on (http:\/\/127\.0\.0\.1:\d+)\./.exec(output.out)?.[1];
      expect(output.out).toContain(`POST ${origin}/naver/external/v1/oauth2/token`);
      expect(output.out).toContain("NAVER_COMMERCE_CLIENT_SECRET=\\$2a\\$04\\$");
      // A connection kept alive must not keep the process.
      expect((await fetch(`${origin}/_emulator`)).status).toBe(200);
      child.kill(signal);
      expect(await exitOf(child)).toEqual({ code: 0, signal: null });
      expect(output.err).toBe("");
    },
  );

  it("names the wrong flag", async () => {
    const { child, output } = run("--naver-penalty", "never");
    expect(await exitOf(child)).toEqual({ code: 2, signal: null });
    expect(output.err).toMatch(/^commerce-auth-emulator: --naver-penalty: must be one of .*\n.*--help.*\n$/);
  });

  it("keeps its exit code without a reader of its messages", async () => {
    const { child } = run("--naver-penalty", "never");
    child.stderr.destroy();
    expect(await exitOf(child)).toEqual({ code: 2, signal: null });
  });

  it("reports a port in use", async () => {
    await using emulator = await startEmulator();
    const { port } = new URL(emulator.origin);
    const { child, output } = run("--port", port);
    expect(await exitOf(child)).toEqual({ code: 1, signal: null });
    expect(output.err).toBe(
      `commerce-auth-emulator: 127.0.0.1:${port} is in use. Choose another --port, or 0 for a free one.\n`,
    );
  });

  it("refuses an address that other machines can reach, without a list of hosts", async () => {
    const { child, output } = run("--host", "0.0.0.0", "--port", "0");
    expect(await exitOf(child)).toEqual({ code: 2, signal: null });
    expect(output.err).toContain("--allow-host");
  });
});

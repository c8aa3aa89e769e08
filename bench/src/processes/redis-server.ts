import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";

/** A Redis server on a free loopback port, for one measure. */
export interface RedisServer {
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
}

/** Kills the server when the pipe from this process closes, which happens even if this process is killed. */
const KEEPER = '"$@" >/dev/null 2>&1 & pid=$!; read -r _; kill -9 $pid; wait $pid';

/** The machine lacks a program. The measure is skipped, which is no failure. */
export class MissingProgramError extends Error {}

/** @throws MissingProgramError without redis-server or valkey-server */
export async function startRedis(): Promise<RedisServer> {
  const program = process.env["REDIS_SERVER"] || onPath("redis-server") || onPath("valkey-server");
  if (program === undefined) {
    throw new MissingProgramError("there is no redis-server on the PATH, and REDIS_SERVER is not set.");
  }
  const folder = await mkdtemp(join(tmpdir(), "bench-redis-"));
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  const keeper = spawn("sh", ["-c", KEEPER, "sh", program, ...options], { stdio: ["pipe", "ignore", "ignore"] });
  const stop = async () => {
    keeper.stdin.end();
    if (keeper.exitCode === null) await new Promise((resolve) => keeper.once("exit", resolve));
    await rm(folder, { recursive: true, force: true });
  };
  const client = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on("error", () => {});
  try {
    const info = await Promise.race([client.info("server"), sleep(5_000, "")]);
    const version = /redis_version:(\S+)/.exec(info)?.[1];
    if (version === undefined) throw new Error("redis-server did not answer within 5 s.");
    return { port, version, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    client.disconnect();
  }
}

function onPath(program: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

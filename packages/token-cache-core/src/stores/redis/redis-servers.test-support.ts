import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis6";

/** The program to test against: REDIS_SERVER (a Valkey's will do), else redis-server or valkey-server on the PATH. */
export const redisServerPath =
  (process.env["REDIS_SERVER"] ?? find("redis-server") ?? find("valkey-server")) || undefined;

/** Whether the tests of Redis have to be skipped. In CI they fail instead. */
export const hasNoRedis = redisServerPath === undefined && !process.env["CI"];

if (hasNoRedis) console.warn("No redis-server found: its tests are skipped. Install it, or set REDIS_SERVER.");

/** A server on a loopback port and a folder of its own. */
export interface RedisServer {
  readonly port: number;
  /** Runs a command over a connection that is closed afterwards. */
  command(...words: (string | number | Buffer)[]): Promise<unknown>;
  /** Ends the process as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Ends its child when told to, or when the test run is gone. A killed process closes its end of the pipe too. So no
 * server outlives a test run.
 */
const KEEPER = '"$@" >/dev/null 2>&1 & pid=$!; echo $pid; read -r _; kill -9 $pid; wait $pid';

/** Starts a server and waits until it answers. `lines`: of its configuration. */
export async function startRedis(lines: readonly string[] = [], mode: "server" | "sentinel" = "server") {
  if (redisServerPath === undefined) throw new Error("redis-server not found: install it, or set REDIS_SERVER.");
  const folder = await mkdtemp(join(tmpdir(), "redis-test-"));
  const port = await freePort();
  const data = mode === "server" ? ['save ""', "appendonly no", "enable-debug-command local"] : [];
  const own = [`port ${port}`, "bind 127.0.0.1", `dir "${folder}"`, "daemonize no", "loglevel warning", ...data];
  await mkdir(folder, { recursive: true });
  // Sentinel writes its state into its configuration, which a restart then reads.
  await writeFile(join(folder, "redis.conf"), [...own, ...lines].join("\n"));
  let keeper: Awaited<ReturnType<typeof keep>> | undefined;

  const server: RedisServer = {
    port,
    async command(...words) {
      const client = new Redis({ port, host: "127.0.0.1", retryStrategy: null, protocol: 2, lazyConnect: true });
      client.on("error", () => {});
      try {
        await client.connect();
        return await client.call(String(words[0]), ...words.slice(1));
      } finally {
        client.disconnect();
      }
    },
    async kill() {
      await keeper?.end();
      keeper = undefined;
    },
    async start() {
      const sentinel = mode === "sentinel" ? ["--sentinel"] : [];
      keeper = await keep([redisServerPath, join(folder, "redis.conf"), ...sentinel]);
      await eventually(async () => (await server.command("PING")) === "PONG", "the server answers");
    },
    async stop() {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Waits until something holds, or fails saying what did not: sooner than the test's own time limit, which says less. */
export async function eventually(holds: () => Promise<boolean> | boolean, what: string, limitMs = 20_000) {
  const until = performance.now() + limitMs;
  for (;;) {
    const isSo = await Promise.resolve()
      .then(holds)
      .catch(() => false);
    if (isSo) return;
    if (performance.now() > until) throw new Error(`Not within ${limitMs} ms: ${what}.`);
    await sleep(20);
  }
}

async function keep(command: readonly string[]) {
  const child = spawn("sh", ["-c", KEEPER, "sh", ...command], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const [pid] = await new Promise<string[]>((resolve, reject) => {
    child.once("error", reject);
    createInterface(child.stdout).once("line", (line) => resolve([line]));
  });
  return {
    pid: Number(pid),
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

function find(program: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** How far the port on which a Cluster's nodes talk is above the clients' port. */
const BUS_PORT_OFFSET = 10_000;

/** A port that is free now, and stays so while a server is down: it and its bus port are below those of outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 10_000);
    if ((await isFree(port)) && (await isFree(port + BUS_PORT_OFFSET))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  const listens = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (listens) await new Promise((resolve) => probe.close(resolve));
  return listens;
}

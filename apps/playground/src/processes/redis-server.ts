import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { createClient } from "redis";

/** The program of a Redis or Valkey server: `REDIS_SERVER`, else one on the `PATH`, else none. */
export function findRedisProgram(environment: NodeJS.ProcessEnv): string | undefined {
  return environment["REDIS_SERVER"] || onPath(environment, ["redis-server", "valkey-server"]);
}

/**
 * Ends its child when told to, or when its parent has ended. A killed parent closes its end of the pipe too, so no
 * server is left behind.
 */
const KEEPER = '"$@" >/dev/null 2>&1 & pid=$!; read -r _; kill -9 $pid; wait $pid';

/** A private Redis on loopback, without persistence. */
export class RedisServer {
  readonly url: string;
  readonly #command: readonly string[];
  #keeper: ChildProcess | undefined;

  /** Starts a server on a free port and waits until it answers. */
  static async start(program: string, folder: string): Promise<RedisServer> {
    const server = new RedisServer(program, folder, await freePort());
    await server.restart();
    return server;
  }

  private constructor(program: string, folder: string, port: number) {
    const options = ["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
    this.#command = [program, "--port", String(port), ...options];
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    const stdio = ["pipe", "ignore", "ignore"] as const;
    this.#keeper = spawn("sh", ["-c", KEEPER, "keeper", ...this.#command], { stdio: [...stdio] });
    if (await answers(this.url)) return;
    await this.stop();
    throw new Error(`${this.#command[0]} did not start within ${LONGEST_START_MS / 1_000} s.`);
  }

  /** Ends it as a crash does. */
  async stop(): Promise<void> {
    const keeper = this.#keeper;
    if (keeper === undefined) return;
    this.#keeper = undefined;
    const exited = once(keeper, "exit");
    keeper.stdin?.end();
    await exited;
  }
}

const LONGEST_START_MS = 5_000;

async function answers(url: string): Promise<boolean> {
  const giveUpAt = performance.now() + LONGEST_START_MS;
  while (performance.now() < giveUpAt) {
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on("error", () => {});
    try {
      await client.connect();
      await client.ping();
      return true;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 30));
    } finally {
      client.destroy();
    }
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function onPath({ PATH = "" }: NodeJS.ProcessEnv, names: readonly string[]): string | undefined {
  const candidates = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

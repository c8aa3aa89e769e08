import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { createClient } from "redis";

/** A Redis to share tokens by. */
export interface FoundRedis extends AsyncDisposable {
  readonly url: string;
}

/** The one that `REDIS_URL` names; else a private one, where a server's program is found; else none. */
export async function findRedis(folder: string, environment: NodeJS.ProcessEnv): Promise<FoundRedis | undefined> {
  const url = environment["REDIS_URL"];
  if (url) return { url, async [Symbol.asyncDispose]() {} };
  const program = environment["REDIS_SERVER"] || onPath(environment, ["redis-server", "valkey-server"]);
  return program === undefined ? undefined : startRedis(program, folder);
}

/**
 * Ends its child when it is told to, or when whoever started it is gone: its end of the pipe closes even if that was
 * killed, so that no server is left behind.
 */
const KEEPER = '"$@" >/dev/null 2>&1 & pid=$!; read -r _; kill -9 $pid; wait $pid';

async function startRedis(program: string, folder: string): Promise<FoundRedis | undefined> {
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const keeper = spawn("sh", ["-c", KEEPER, "keeper", program, ...options], { stdio: ["pipe", "ignore", "ignore"] });
  const url = `redis://127.0.0.1:${port}`;
  const end = async () => {
    const exited = once(keeper, "exit");
    keeper.stdin.end();
    await exited;
  };
  if (await answers(url)) return { url, [Symbol.asyncDispose]: end };
  await end();
  return undefined;
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

import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LoopbackProxy, startProxy } from "./loopback-proxy.test-support.ts";
import { eventually, hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";

const page = readFileSync(new URL("../../../docs/stores.md", import.meta.url), "utf8");

/** The page's own set-ups. */
const setUps = [...page.matchAll(/```ts\n(.*?)```/gs)].flatMap(([, code = ""]) => {
  const [, library, kind = "single"] = /from "(ioredis|redis)";(?: \/\/ (.*))?/.exec(code) ?? [];
  return library === undefined ? [] : [{ library, kind, code }];
});

interface Program {
  readonly name: string;
  readonly child: ChildProcess;
  output: string;
  /** What it has counted so far. */
  tokens: number;
  notices: number;
}

const folder = mkdtempSync(join(tmpdir(), "redis-set-ups-"));
const servers: RedisServer[] = [];
const proxies: LoopbackProxy[] = [];
const programs: Program[] = [];

test("the page shows every set-up of both libraries", () => {
  expect(setUps.map(({ library, kind }) => `${library}: ${kind}`)).toEqual([
    "ioredis: single",
    "redis: single",
    "ioredis: Sentinel",
    "ioredis: Cluster",
    "redis: Sentinel",
    "redis: Cluster",
    "redis: pool",
  ]);
});

/** A server, a Cluster's node and a Sentinel: programs reach each of them through a proxy only. */
async function startServers() {
  const [server, node] = await Promise.all([startRedis(), startRedis(["cluster-enabled yes"])]);
  const [toServer, toNode] = await Promise.all([startProxy(server.port), startProxy(node.port)]);
  await node.command("CONFIG", "SET", "cluster-announce-ip", "127.0.0.1");
  await node.command("CONFIG", "SET", "cluster-announce-port", toNode.port);
  await node.command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383);
  const sentinel = await startRedis([`sentinel monitor shop 127.0.0.1 ${toServer.port} 1`], "sentinel");
  const toSentinel = await startProxy(sentinel.port);
  servers.push(server, node, sentinel);
  proxies.push(toServer, toNode, toSentinel);
  const isUp = async () => String(await node.command("CLUSTER", "INFO")).includes("cluster_state:ok");
  await eventually(isUp, "the Cluster is ready");
  return (kind: string) => ({
    REDIS_URL: `redis://127.0.0.1:${kind === "Cluster" ? toNode.port : toServer.port}`,
    SENTINEL_HOST: "127.0.0.1",
    SENTINEL_PORT: String(toSentinel.port),
  });
}

/** A program with a set-up of the page. */
function start({ library, kind, code }: (typeof setUps)[number], version: string, env: NodeJS.ProcessEnv): Program {
  const name = `${library} ${version}, ${kind}`;
  const file = join(folder, `${name.replace(/\W+/g, "-")}.mjs`);
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  // The part of the page that applies to all set-ups.
  const shared = ['import { TokenCache } from "@x/token-cache-core";'];
  shared.push('import { redisStore } from "@x/token-cache-core/redis";');
  const whole = [...shared.filter((line) => !code.includes(line)), code];
  if (!code.includes("new TokenCache")) whole.push("const cache = new TokenCache({ store });");
  const resolved = whole
    .join("\n")
    .replace('"@x/token-cache-core"', source("../../index.ts"))
    .replace('"@x/token-cache-core/redis"', source("./redis-store.ts"))
    .replace(`"${library}"`, JSON.stringify(import.meta.resolve(library + version)));
  const use = `import { useUntilStopped } from ${source("./redis-set-up.test-support.ts")};`;
  writeFileSync(file, `${use}\n${resolved}\nawait useUntilStopped(cache, store);\nprocess.exit();\n`);
  const child = fork(file, { stdio: ["ignore", "ignore", "pipe", "ipc"], env: { ...process.env, ...env } });
  const program: Program = { name, child, output: "", tokens: 0, notices: 0 };
  child.stderr?.on("data", (text) => {
    program.output += String(text);
  });
  child.on("message", (counts: { tokens: number; notices: number }) => Object.assign(program, counts));
  return program;
}

/** What happens to all connections, one after the other. */
const FAULTS: [string, (network: Pick<LoopbackProxy, "setFault" | "drop">) => Promise<void> | void][] = [
  ["connections drop", ({ drop }) => drop()],
  [
    "the server refuses",
    async ({ setFault, drop }) => {
      setFault("refuse");
      drop();
      await sleep(1_000);
    },
  ],
  [
    "answers are late",
    async ({ setFault, drop }) => {
      setFault("delay");
      drop();
      await sleep(3_000);
    },
  ],
  [
    "the next subscription is not answered",
    async ({ setFault, drop }) => {
      setFault("silence-subscribers");
      drop();
      await sleep(2_000);
      drop();
    },
  ],
  [
    "connections drop before the next subscription is answered, and the server refuses",
    async ({ setFault, drop }) => {
      setFault("silence-subscribers");
      drop();
      await sleep(600);
      setFault("refuse");
      drop();
      await sleep(1_000);
    },
  ],
  [
    "nothing is answered",
    async ({ setFault, drop }) => {
      setFault("silence");
      await sleep(1_500);
      drop();
      await sleep(500);
      drop();
    },
  ],
];

/** All proxies as one. */
const network: Pick<LoopbackProxy, "setFault" | "drop"> = {
  setFault(fault) {
    for (const proxy of proxies) proxy.setFault(fault);
  },
  drop() {
    for (const proxy of proxies) proxy.drop();
  },
};

/** Waits until each program has got another token and another notice, or has ended. */
async function allGoOn(): Promise<void> {
  await Promise.all(
    programs.map(async (program) => {
      const { name, child, tokens, notices } = program;
      const hasEnded = () => child.exitCode !== null;
      const isServed = () => program.tokens > tokens && program.notices > notices;
      await eventually(() => hasEnded() || isServed(), `${name}: tokens and notices continue`, 60_000);
      expect(hasEnded(), `${name} has ended:\n${program.output}`).toBe(false);
    }),
  );
}

describe.skipIf(hasNoRedis)("case 42: every set-up of the page, behind a bad network,", { timeout: 90_000 }, () => {
  beforeAll(async () => {
    const environment = await startServers();
    for (const setUp of setUps) {
      for (const version of ["5", "6"]) programs.push(start(setUp, version, environment(setUp.kind)));
    }
  }, 90_000);

  afterAll(async () => {
    for (const { child } of programs) child.kill("SIGKILL");
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  test("gets tokens and notices", allGoOn);

  test.each(FAULTS)("continues after %s", async (_what, happen) => {
    await happen(network);
    network.setFault("none");
    await allGoOn();
  });

  test("ends when told", async () => {
    const ended = programs.map(({ child }) => new Promise((resolve) => child.once("exit", resolve)));
    for (const { child } of programs) child.send("stop");
    expect(await Promise.all(ended)).toEqual(programs.map(() => 0));
  });
});

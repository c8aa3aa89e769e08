import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LoopbackProxy, startProxy } from "./loopback-proxy.test-support.ts";
import { eventually, hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";

const page = readFileSync(new URL("../../../docs/stores.md", import.meta.url), "utf8");

/** The page's own set-ups, by the package that they import. */
const setUps = [...page.matchAll(/```ts\n(.*?)```/gs)].flatMap(([, code = ""]) => {
  const library = /from "(ioredis|redis)"/.exec(code)?.[1];
  return library === undefined ? [] : [{ library, code }];
});

const programs = setUps.flatMap(({ library, code }, index) =>
  ["5", "6"].map((version) => ({ name: `${library} ${version}, set-up ${index + 1}`, library, version, code })),
);

const folder = mkdtempSync(join(tmpdir(), "redis-set-ups-"));
let server: RedisServer;

beforeAll(async () => {
  if (!hasNoRedis) server = await startRedis();
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the page shows a set-up for each library", () => {
  expect(setUps.map(({ library }) => library)).toEqual(expect.arrayContaining(["ioredis", "redis"]));
});

/** A program that is set up as the page says and runs against the proxy. */
function start({ name, library, version, code }: (typeof programs)[number], port: number) {
  const file = join(folder, `${name.replace(/\W+/g, "-")}.mjs`);
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const resolved = code
    .replace('"@x/token-cache-core"', source("../../index.ts"))
    .replace('"@x/token-cache-core/redis"', source("./redis-store.ts"))
    .replace(`"${library}"`, JSON.stringify(import.meta.resolve(library + version)));
  const use = `import { useUntilStopped } from ${source("./redis-set-up.test-support.ts")};`;
  writeFileSync(file, `${use}\n${resolved}\nawait useUntilStopped(cache, store);\nprocess.exit();\n`);
  const env = { ...process.env, REDIS_URL: `redis://127.0.0.1:${port}` };
  const child = fork(file, { stdio: ["ignore", "ignore", "pipe", "ipc"], env });
  const program = { child, output: "", tokens: 0, notices: 0 };
  child.stderr?.on("data", (text) => {
    program.output += String(text);
  });
  child.on("message", (counts: { tokens: number; notices: number }) => Object.assign(program, counts));
  return program;
}

/** What happens to the connections, one after the other. */
const FAULTS: [string, (proxy: LoopbackProxy) => Promise<void> | void][] = [
  ["the connection drops", (proxy) => proxy.drop()],
  [
    "the server refuses",
    async (proxy) => {
      proxy.setFault("refuse");
      proxy.drop();
      await sleep(1_000);
    },
  ],
  [
    "answers are late",
    async (proxy) => {
      proxy.setFault("delay");
      proxy.drop();
      await sleep(3_000);
    },
  ],
  [
    "the next subscription is not answered",
    async (proxy) => {
      proxy.setFault("silence-subscribers");
      proxy.drop();
      await sleep(2_000);
      proxy.drop();
    },
  ],
  [
    "the connection drops before the next subscription is answered, and the server refuses",
    async (proxy) => {
      proxy.setFault("silence-subscribers");
      proxy.drop();
      await sleep(600);
      proxy.setFault("refuse");
      proxy.drop();
      await sleep(1_000);
    },
  ],
  [
    "nothing is answered",
    async (proxy) => {
      proxy.setFault("silence");
      await sleep(1_500);
      proxy.drop();
      await sleep(500);
      proxy.drop();
    },
  ],
];

describe.skipIf(hasNoRedis)("case 42: as the page sets it up", () => {
  test.concurrent.each(programs)(
    "$name lives through a bad network",
    async (setUp) => {
      const proxy = await startProxy(server.port);
      const program = start(setUp, proxy.port);
      const { child } = program;
      const exited = new Promise((resolve) => child.once("exit", resolve));
      const goesOn = async (what: string) => {
        const { tokens, notices } = program;
        const hasExited = () => child.exitCode !== null;
        const isServed = () => program.tokens > tokens && program.notices > notices;
        await eventually(() => hasExited() || isServed(), `${what}: tokens and notices go on`);
        expect(hasExited(), `${what}:\n${program.output}`).toBe(false);
      };
      try {
        await goesOn("at first");
        for (const [what, happen] of FAULTS) {
          await happen(proxy);
          proxy.setFault("none");
          await goesOn(`after ${what}`);
        }
        child.send("stop");
        expect(await exited, program.output).toBe(0);
      } finally {
        child.kill("SIGKILL");
        await proxy.close();
      }
    },
    60_000,
  );
});

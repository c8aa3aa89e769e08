import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasNoRedis, type RedisServer, startRedis } from "../../stores/redis/redis-servers.test-support.ts";
import type { SharingOrder, SharingResult, SharingSetup } from "./sharing-process.test-support.ts";

const PROGRAM = new URL("sharing-process.test-support.ts", import.meta.url);
const ENDPOINT_MS = 50;

/** A slow token endpoint that counts its requests. */
let endpoint: Server;
let requests = 0;
/** While set, the endpoint does not answer. */
let isHanging = false;
const processes = new Set<ChildProcess>();

beforeEach(async () => {
  requests = 0;
  isHanging = false;
  endpoint = createServer(async ({ method }, response) => {
    if (method !== "POST") return void response.end();
    const token = `token-${++requests}`;
    if (isHanging) return;
    await sleep(ENDPOINT_MS);
    response.end(JSON.stringify({ token, lifetimeMs: 3_600_000 }));
  });
  await once(endpoint.listen(0, "127.0.0.1"), "listening");
});

afterEach(async () => {
  await Promise.all([...processes].map(end));
  endpoint.close();
  endpoint.closeAllConnections();
});

describe("processes sharing a SQLite file", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sharing-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  testSharing(() => ({ sqlitePath: join(folder, "tokens.db") }));
});

describe.skipIf(hasNoRedis)("processes sharing a Redis", () => {
  let redis: RedisServer;

  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());

  testSharing(() => ({ redisPort: redis.port }));

  it("case 19: losing Redis in the middle, each continues alone and no call fails", async () => {
    const [first, second] = await start(2, { redisPort: redis.port });
    await order(first, { callers: 10 });
    await redis.kill();
    expect((await order(first, { callers: 10 })).failures).toEqual([]);
    expect((await order(second, { callers: 10 })).failures).toEqual([]);
    expect(requests).toBe(2);
  });
});

/** What holds for any store that processes share. */
function testSharing(store: () => Partial<SharingSetup>): void {
  it("case 2: 8 processes × 1,000 callers on a cold store send one request", async () => {
    const eight = await start(8, store());
    const results = await Promise.all(eight.map((process) => order(process, { callers: 1_000 })));
    expect(results.flatMap(({ failures }) => failures)).toEqual([]);
    expect(new Set(results.flatMap(({ ids }) => ids)).size).toBe(1);
    expect(requests).toBe(1);
    expect(results.filter(({ events }) => events.includes("issued"))).toHaveLength(1);
    expect(results.filter(({ events }) => events.includes("adopted"))).toHaveLength(7);
  });

  it("a restart issues nothing", async () => {
    const [before] = await start(1, store());
    const { ids } = await order(before, { callers: 1 });
    await end(before);
    const [after] = await start(1, store());
    expect((await order(after, { callers: 1 })).ids).toEqual(ids);
    expect(requests).toBe(1);
  });

  it("case 21: a holder that is killed during its issue costs one more request and no failed call", async () => {
    isHanging = true;
    const [holder, ...others] = await start(4, store());
    holder.send({ callers: 1 } satisfies SharingOrder);
    await until(() => requests === 1);
    const results = others.map((process) => order(process, { callers: 100 }));
    await sleep(100);
    isHanging = false;
    await end(holder);
    const all = await Promise.all(results);
    expect(all.flatMap(({ failures }) => failures)).toEqual([]);
    expect(new Set(all.flatMap(({ ids }) => ids)).size).toBe(1);
    expect(requests).toBe(2);
  });

  it("a token that one process found refused is never used again by any", async () => {
    const [first, second] = await start(2, store());
    const { ids: [refused = ""] = [] } = await order(first, { callers: 1 });
    await order(second, { callers: 1 });
    const { ids: [renewed] = [] } = await order(first, { callers: 1, refused });
    expect(renewed).not.toBe(refused);
    // Its notice reaches the other process a moment later.
    await sleep(300);
    expect((await order(second, { callers: 1 })).ids).toEqual([renewed]);
    expect(requests).toBe(2);
  });
}

async function start<N extends number>(count: N, store: Partial<SharingSetup>) {
  const { port } = endpoint.address() as AddressInfo;
  const setup: SharingSetup = { tokenUrl: `http://127.0.0.1:${port}/token`, ...store };
  const started = Array.from({ length: count }, () => {
    const child = fork(PROGRAM, [JSON.stringify(setup)], { execArgv: ["--unhandled-rejections=strict"] });
    processes.add(child);
    return child;
  });
  await Promise.all(started.map((child) => once(child, "message")));
  return started as [ChildProcess, ChildProcess, ...ChildProcess[]];
}

async function order(child: ChildProcess, what: SharingOrder): Promise<SharingResult> {
  child.send(what);
  const [result] = await once(child, "message");
  return result;
}

/** As `kill -9` does, without any clean-up. */
async function end(child: ChildProcess): Promise<void> {
  processes.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

import { setTimeout as sleep } from "node:timers/promises";
import { Redis as Redis5 } from "ioredis5";
import { Redis as Redis6 } from "ioredis6";
import { createSentinel as createSentinel5 } from "redis5";
import { createSentinel as createSentinel6 } from "redis6";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoreChange } from "../../contract/token-store.ts";
import { type ConnectedClient, ioRedis } from "./redis-clients.test-support.ts";
import { eventually, hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";
import { redisStore } from "./redis-store.ts";

const token = { id: "a1b2c3d4e5f60718", payload: "payload" };

const ignore = () => {};

let master: RedisServer;
let replica: RedisServer;
let sentinel: RedisServer;
const clients: [string, ConnectedClient][] = [];

beforeAll(async () => {
  if (hasNoRedis) return;
  master = await startRedis(["repl-diskless-sync-delay 0"]);
  replica = await startRedis([`replicaof 127.0.0.1 ${master.port}`]);
  await eventually(
    async () => String(await replica.command("INFO", "replication")).includes("master_link_status:up"),
    "the replica follows",
  );
  sentinel = await startRedis(
    [
      `sentinel monitor shop 127.0.0.1 ${master.port} 1`,
      "sentinel down-after-milliseconds shop 500",
      "sentinel failover-timeout shop 3000",
    ],
    "sentinel",
  );
  await eventually(
    async () => String(await sentinel.command("SENTINEL", "REPLICAS", "shop")).includes(String(replica.port)),
    "the sentinel knows the replica",
    15_000,
  );
  const sentinelRootNodes = [{ host: "127.0.0.1", port: sentinel.port }];
  clients.push(["ioredis 5", ioRedis(new Redis5({ name: "shop", sentinels: sentinelRootNodes }))]);
  clients.push(["ioredis 6", ioRedis(new Redis6({ name: "shop", sentinels: sentinelRootNodes }))]);
  const [sentinel5, sentinel6] = [
    createSentinel5({ name: "shop", sentinelRootNodes }),
    createSentinel6({ name: "shop", sentinelRootNodes }),
  ];
  sentinel5.on("error", ignore);
  sentinel6.on("error", ignore);
  await Promise.all([sentinel5.connect(), sentinel6.connect()]);
  clients.push(["node-redis 5", { client: sentinel5, subscriber: sentinel5, end: async () => sentinel5.destroy() }]);
  clients.push(["node-redis 6", { client: sentinel6, subscriber: sentinel6, end: async () => sentinel6.destroy() }]);
});

afterAll(async () => {
  await Promise.all(clients.map(([, client]) => client.end().catch(ignore)));
  await Promise.all([sentinel, replica, master].map((server) => server?.stop()));
});

describe.skipIf(hasNoRedis)("redisStore by Sentinel", () => {
  test("when the master is killed, the tokens are found at the new one, with all clients", async () => {
    const stores = clients.map(([name, client]) => ({ name, store: redisStore(client) }));
    for (const { name, store } of stores) {
      await store.set(name, token, 60_000);
      expect(await store.lease?.(name, 60_000)).toBeDefined();
    }
    expect(await master.command("WAIT", 1, 5_000)).toBe(1);

    await master.kill();
    // Running operations fail or wait for the new master. The cache waits for neither.
    await Promise.race([Promise.allSettled(stores.map(({ store, name }) => store.get(name))), sleep(200)]);
    const isMaster = async () => String(await replica.command("ROLE")).startsWith("master");
    await eventually(isMaster, "the replica was made the master", 15_000);

    await Promise.all(
      stores.map(async ({ name, store }) => {
        await eventually(async () => (await store.get(name))?.id === token.id, `${name} finds its token`, 15_000);
        expect(await store.lease?.(name, 60_000)).toBeUndefined();
        const heard: StoreChange[] = [];
        store.changed?.((change) => heard.push(change));
        await eventually(
          async () => {
            await store.set(name, token, 60_000);
            await sleep(50);
            return heard.some(({ key }) => key === name);
          },
          `${name} writes, and receives the notice`,
          15_000,
        );
      }),
    );
  }, 40_000);
});

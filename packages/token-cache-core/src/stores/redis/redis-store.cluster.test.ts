import { Cluster as Cluster5 } from "ioredis5";
import { Cluster as Cluster6 } from "ioredis6";
import { createCluster as createCluster5 } from "redis5";
import { createCluster as createCluster6 } from "redis6";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testTokenStore } from "../../testing/test-token-store.ts";
import type { ConnectedClient } from "./redis-clients.test-support.ts";
import { eventually, hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";
import { redisStore } from "./redis-store.ts";

const SLOTS = 16_384;

const masters: RedisServer[] = [];

const ignore = () => {};

/** A Cluster's client keeps a connection of its own for listening. */
const connectors: Record<string, (port: number) => Promise<ConnectedClient>> = {
  "ioredis 5": async (port) => ioRedis(new Cluster5([{ port, host: "127.0.0.1" }])),
  "ioredis 6": async (port) => ioRedis(new Cluster6([{ port, host: "127.0.0.1" }])),
  "node-redis 5": async (port) => {
    const cluster = createCluster5({ rootNodes: [{ socket: { port } }] });
    cluster.on("error", ignore);
    await cluster.connect();
    return { client: cluster, subscriber: cluster, end: async () => cluster.destroy() };
  },
  "node-redis 6": async (port) => {
    const cluster = createCluster6({ rootNodes: [{ socket: { port } }] });
    cluster.on("error", ignore);
    await cluster.connect();
    return { client: cluster, subscriber: cluster, end: async () => cluster.destroy() };
  },
};

function ioRedis(cluster: Cluster5 | Cluster6): ConnectedClient {
  cluster.on("error", ignore);
  return { client: cluster, subscriber: cluster, end: async () => cluster.disconnect() };
}

beforeAll(async () => {
  if (hasNoRedis) return;
  const lines = ["cluster-enabled yes", "cluster-node-timeout 2000", "cluster-require-full-coverage yes"];
  masters.push(...(await Promise.all([startRedis(lines), startRedis(lines), startRedis(lines)])));
  await Promise.all(
    masters.map(async ({ command }, index) => {
      const [from, until] = [index, index + 1].map((share) => Math.round((share * SLOTS) / masters.length));
      await command("CLUSTER", "ADDSLOTSRANGE", from ?? 0, (until ?? 0) - 1);
      await command("CLUSTER", "SET-CONFIG-EPOCH", index + 1);
    }),
  );
  for (const { port } of masters.slice(1)) await masters[0]?.command("CLUSTER", "MEET", "127.0.0.1", port);
  const isReady = async ({ command }: RedisServer) => {
    const info = String(await command("CLUSTER", "INFO"));
    return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  };
  await eventually(
    async () => (await Promise.all(masters.map(isReady))).every(Boolean),
    "the Cluster is ready",
    20_000,
  );
});

afterAll(async () => {
  await Promise.all(masters.map((master) => master.stop()));
});

describe.skipIf(hasNoRedis).each(Object.entries(connectors))(
  "redisStore in a Cluster of three with %s",
  (name, connect) => {
    let connected: ConnectedClient;

    beforeAll(async () => {
      connected = await connect(masters[0]?.port ?? 0);
    });

    afterAll(async () => {
      await connected?.end();
    });

    testTokenStore({ test: test.concurrent, createStore: () => redisStore(connected) });

    test("keys are spread over all masters, each with its lease beside it", async () => {
      const store = redisStore({ ...connected, prefix: `${name}:` });
      for (let i = 0; i < 60; i += 1) {
        await store.set(`key ${i}`, { id: "id", payload: `${i}` }, 60_000);
        await store.lease?.(`key ${i}`, 60_000);
      }
      const found = await Promise.all(masters.map(({ command }) => command("KEYS", `${name}:*`) as Promise<string[]>));
      expect(found.flat()).toHaveLength(120);
      for (const names of found) {
        expect(names.length).toBeGreaterThan(10);
        const [tokens, leases] = ["token", "lease"].map((end) => names.filter((each) => each.endsWith(end)).length);
        expect(tokens).toBe(leases);
      }
    });

    test("emptied script caches are filled again on every master", async () => {
      const store = redisStore(connected);
      for (const { command } of masters) await command("SCRIPT", "FLUSH");
      for (let i = 0; i < 20; i += 1) expect(await store.get(`missing ${i}`)).toBeUndefined();
    });
  },
);

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TokenStore } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { Redis } from "ioredis6";
// Not by a package's name: core's tests use them too, and core depends on nothing that depends on core.
import { startProxy } from "../../../../packages/token-cache-core/src/stores/redis/loopback-proxy.test-support.ts";
import { startRedis } from "../../../../packages/token-cache-core/src/stores/redis/redis-servers.test-support.ts";
import { StoreServer } from "../store.ts";
import type { Cut, RealStore } from "./plan.ts";
import type { RealWorld } from "./world.ts";

/** A store's server for one schedule. */
export interface OpenServer {
  readonly server: StoreServer;
  close(): Promise<void>;
}

/** What opens a server for each schedule, until it is closed. */
export interface RealStores {
  open(world: RealWorld, cuts: readonly Cut[]): Promise<OpenServer>;
  close(): Promise<void>;
}

export const openStores: Record<RealStore, () => Promise<RealStores>> = { redis: redisStores, sqlite: sqliteStores };

/** One Redis for all schedules. Each has its own proxy in front of it, and its own prefix. */
async function redisStores(): Promise<RealStores> {
  const redis = await startRedis();
  let count = 0;
  return {
    async open(world, cuts) {
      const prefix = `schedule-${++count}:`;
      const proxy = await startProxy(redis.port);
      for (const { at, lastsMs, fault, drops } of cuts) {
        world.at(at, () => {
          if (fault === "lose an answer") void proxy.loseNextAnswer();
          else proxy.setFault(fault);
          if (drops) proxy.drop();
        });
        world.at(at + lastsMs, () => {
          proxy.setFault("none");
          // A client never notices by itself that its answers are out of step.
          if (fault === "lose an answer") proxy.drop();
        });
      }
      const operator = connectRedis(redis.port, prefix);
      return {
        server: new StoreServer(world, operator, () => connectRedis(proxy.port, prefix)),
        async close() {
          await operator.close?.();
          await proxy.close();
        },
      };
    },
    close: () => redis.stop(),
  };
}

/** A client as the store's documentation sets it up, and a store over it that ends it. */
function connectRedis(port: number, prefix: string): TokenStore {
  const client = new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: 1 });
  const subscriber = client.duplicate({ autoResubscribe: false });
  for (const each of [client, subscriber]) each.on("error", () => {});
  const store = redisStore({ client, subscriber, prefix });
  return {
    ...store,
    async close() {
      await store.close?.();
      client.disconnect();
      subscriber.disconnect();
    },
  };
}

/** One file for each schedule. */
async function sqliteStores(): Promise<RealStores> {
  const folder = await mkdtemp(join(tmpdir(), "simulator-"));
  let count = 0;
  return {
    async open(world) {
      const path = join(folder, `${++count}.sqlite`);
      const operator = sqliteStore({ path });
      return {
        server: new StoreServer(world, operator, () => sqliteStore({ path })),
        close: async () => operator.close?.(),
      };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

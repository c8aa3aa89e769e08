import { Redis as Redis5 } from "ioredis5";
import { Redis as Redis6 } from "ioredis6";
import { createClient as createClient5 } from "redis5";
import { createClient as createClient6 } from "redis6";
import type { NodeRedisClient, NodeRedisSubscriber, RedisClient, RedisSubscriber } from "./redis-store.ts";

/** A connected client, and how to end it. */
export interface ConnectedClient {
  readonly client: RedisClient;
  readonly subscriber: RedisSubscriber;
  end(): Promise<void>;
}

/** All clients that the store is made for, as their manuals say to set them up. */
export const redisClients: Record<string, (port: number) => Promise<ConnectedClient>> = {
  "ioredis 5": async (port) => ioRedis(new Redis5({ port, maxRetriesPerRequest: 1 })),
  "ioredis 6": async (port) => ioRedis(new Redis6({ port, maxRetriesPerRequest: 1 })),
  "node-redis 5": (port) => nodeRedis(createClient5({ socket: { port, reconnectStrategy: 50 } })),
  "node-redis 6": (port) => nodeRedis(createClient6({ socket: { port, reconnectStrategy: 50 } })),
};

/** An ioredis client, with a subscriber. */
export function ioRedis(client: Redis5 | Redis6): ConnectedClient {
  const subscriber = client.duplicate({ autoResubscribe: false });
  for (const each of [client, subscriber]) each.on("error", ignore);
  return {
    client,
    subscriber,
    async end() {
      client.disconnect();
      subscriber.disconnect();
    },
  };
}

/** Their two versions' types have no common one that could be called. */
interface NodeRedis<Client> {
  on(event: "error", listener: () => void): unknown;
  connect(): Promise<unknown>;
  duplicate(): Client;
  destroy(): void;
}

async function nodeRedis<Client extends NodeRedisClient & NodeRedisSubscriber & NodeRedis<Client>>(
  client: Client,
): Promise<ConnectedClient> {
  const subscriber = client.duplicate();
  for (const each of [client, subscriber]) each.on("error", ignore);
  await Promise.all([client.connect(), subscriber.connect()]);
  return {
    client,
    subscriber,
    async end() {
      client.destroy();
      subscriber.destroy();
    },
  };
}

function ignore(): void {}

import { setTimeout as sleep } from "node:timers/promises";
import { Redis as Redis5 } from "ioredis5";
import { Redis as Redis6 } from "ioredis6";
import { afterEach, describe, expect, test } from "vitest";
import type { StoreChange, TokenStore } from "../../contract/token-store.ts";
import { type ConnectedClient, redisClients } from "./redis-clients.test-support.ts";
import { eventually, hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";
import { redisStore } from "./redis-store.ts";

const token = { id: "a1b2c3d4e5f60718", payload: "canary-payload" };
const other = { id: "0f1e2d3c4b5a6978", payload: "other" };

const servers: RedisServer[] = [];
const clients: ConnectedClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(lines: readonly string[] = []): Promise<RedisServer> {
  const server = await startRedis(lines);
  servers.push(server);
  return server;
}

async function connect(name: string, { port }: RedisServer): Promise<ConnectedClient> {
  const connected = await redisClients[name]?.(port);
  if (connected === undefined) throw new Error(`No client is called ${name}.`);
  clients.push(connected);
  return connected;
}

/** Whether listeners receive a change. */
async function hearsOf(store: TokenStore, heard: StoreChange[]): Promise<boolean> {
  heard.length = 0;
  await store.set("key", other, 60_000);
  await sleep(20);
  return heard.length > 0;
}

describe.skipIf(hasNoRedis).each(Object.keys(redisClients))("with %s", (name) => {
  test("a server that is killed and started again is used again, notices included", async () => {
    const server = await start();
    const connected = await connect(name, server);
    const store = redisStore(connected);
    const heard: StoreChange[] = [];
    store.changed?.((change) => heard.push(change));
    await store.set("key", token, 60_000);

    await server.kill();
    const during = await Promise.race([store.get("key").then(String, String), sleep(300)]);
    expect(String(during)).not.toContain("canary");
    await server.start();

    // It kept nothing: one more issue follows.
    await eventually(async () => (await store.get("key")) === undefined, "the server is reached again");
    await store.set("key", other, 60_000);
    expect(await store.get("key")).toMatchObject(other);
    await eventually(() => hearsOf(store, heard), "notices are heard again");
  });

  test("notices of a server that starts after the store are received", async () => {
    const server = await start();
    const connected = await connect(name, server);
    await server.kill();
    await sleep(100); // All clients have noticed.
    const store = redisStore(connected);
    const heard: StoreChange[] = [];
    store.changed?.((change) => heard.push(change));
    await sleep(500);
    await server.start();
    await eventually(() => hearsOf(store, heard), "notices are heard");
    await store.close?.();
  });

  test("a stopped server answers when it continues, and no life has become longer meanwhile", async () => {
    const server = await start();
    const store = redisStore(await connect(name, server));
    await store.set("warm", token, 60_000);

    const pausedAt = performance.now();
    await server.command("CLIENT", "PAUSE", 800, "ALL");
    const sentAt = performance.now();
    await store.set("key", token, 60_000);
    const doneAt = performance.now();
    expect(doneAt - pausedAt).toBeGreaterThan(790);
    expect((await store.get("key"))?.remainingMs).toBeLessThan(60_000 - (doneAt - sentAt) + 100);
  });
});

describe.skipIf(hasNoRedis)("a server", () => {
  test("that sleeps delays, and a token that expires while it is written is not kept", async () => {
    const server = await start();
    const store = redisStore(await connect("ioredis 6", server));
    await store.set("warm", token, 60_000);
    const sleeping = server.command("DEBUG", "SLEEP", 1);
    await sleep(100);
    await store.set("key", token, 700);
    expect(await store.get("key")).toBeUndefined();
    await sleeping;
  });

  test("out of memory refuses to write, and still reads and deletes", async () => {
    const server = await start(["maxmemory-policy noeviction"]);
    const store = redisStore(await connect("node-redis 6", server));
    await store.set("key", token, 60_000);
    await server.command("CONFIG", "SET", "maxmemory", 1);
    await expect(store.set("key", other, 90_000)).rejects.toThrow(/OOM|used memory/);
    await expect(store.lease?.("key", 1_000)).rejects.toThrow(/OOM|used memory/);
    await expect(store.set("key", other, 90_000)).rejects.not.toThrow("other");
    expect(await store.get("key")).toMatchObject(token);
    expect(await store.getOrLease?.("key", 1_000, undefined)).toMatchObject({ type: "token", token });
    await expect(store.getOrLease?.("key", 1_000, { id: token.id, remainingMs: 60_000 })).rejects.toThrow(
      /OOM|used memory/,
    );
    expect(await store.delete("key", token.id)).toBe(true);
    await server.command("CONFIG", "SET", "maxmemory", 0);
    await store.set("key", other, 90_000);
    expect(await store.get("key")).toMatchObject(other);
  });

  test("that is a read-only replica refuses to write, and still reads", async () => {
    const master = await start(["repl-diskless-sync-delay 0"]);
    const replica = await start([`replicaof 127.0.0.1 ${master.port}`]);
    await redisStore(await connect("ioredis 5", master)).set("key", token, 60_000);
    const store = redisStore(await connect("node-redis 5", replica));
    await eventually(async () => (await store.get("key")) !== undefined, "the replica has the token");
    expect(await store.get("key")).toMatchObject(token);
    await expect(store.set("key", other, 90_000)).rejects.toThrow("READONLY");
    await expect(store.delete("key", token.id)).rejects.toThrow("READONLY");
    await expect(store.lease?.("key", 1_000)).rejects.toThrow("READONLY");
    expect(await store.getOrLease?.("key", 1_000, undefined)).toMatchObject({ type: "token", token });
    await expect(store.getOrLease?.("key", 1_000, { id: token.id, remainingMs: 60_000 })).rejects.toThrow("READONLY");
  });

  test("case 55: that needs a password says so, and what to do", async () => {
    const server = await start();
    await server.command("CONFIG", "SET", "requirepass", "canary");
    const client = new Redis6({ port: server.port, maxRetriesPerRequest: 1 });
    client.on("error", () => {});
    const error = await redisStore({ client })
      .get("key")
      .catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "invalid_options", message: expect.stringContaining("(NOAUTH)") });
    client.disconnect();
  });

  test("that is not there fails, and does not hang if the client is set up for that", async () => {
    const client = new Redis5({ port: 1, maxRetriesPerRequest: 1, retryStrategy: () => 20 });
    client.on("error", () => {});
    const store = redisStore({ client });
    await expect(store.get("key")).rejects.toThrow("max retries");
    client.disconnect();
  });

  test("sees one owner of a lease, though the client sends the command again after a lost connection", async () => {
    const server = await start();
    const { client } = await connect("ioredis 6", server);
    const sendTwice = {
      async evalsha(sha1: string, keyCount: number, ...rest: string[]) {
        if (!("evalsha" in client)) throw new Error("This is ioredis.");
        await client.evalsha(sha1, keyCount, ...rest).catch(() => {});
        return await client.evalsha(sha1, keyCount, ...rest);
      },
      eval: async (script: string, keyCount: number, ...rest: string[]) =>
        "evalsha" in client ? await client.eval(script, keyCount, ...rest) : undefined,
    };
    expect(await redisStore({ client: sendTwice }).lease?.("key", 60_000)).toBeDefined();
    expect(await redisStore({ client: sendTwice }).lease?.("key", 60_000)).toBeUndefined();
    expect(await redisStore({ client: sendTwice }).getOrLease?.("other", 60_000, undefined)).toMatchObject({
      type: "lease",
    });
    expect(await redisStore({ client: sendTwice }).getOrLease?.("other", 60_000, undefined)).toEqual({ type: "held" });
  });
});

describe("options that are wrong are refused at once", () => {
  const client = { evalsha: async () => null, eval: async () => null };
  test.each([
    [{}, "The option client"],
    [{ client: {} }, "The option client"],
    [{ client: "redis://:canary@localhost" }, "The option client"],
    [{ client, prefix: "{shop}" }, "The option prefix"],
    [{ client, prefix: 1 }, "The option prefix"],
    [{ client, subscriber: {} }, "The option subscriber"],
  ])("%j", (options, message) => {
    const create = () => redisStore(options as unknown as Parameters<typeof redisStore>[0]);
    expect(create).toThrow(expect.objectContaining({ code: "invalid_options" }));
    expect(create).toThrow(message);
    expect(create).not.toThrow("canary");
  });

  test("one ioredis connection for both", () => {
    const single = new Redis5({ lazyConnect: true });
    expect(() => redisStore({ client: single, subscriber: single })).toThrow("another connection");
  });

  test.each([new Redis5({ lazyConnect: true }), new Redis6({ lazyConnect: true })])(
    "an ioredis connection that subscribes again by itself",
    (subscriber) => {
      expect(() => redisStore({ client, subscriber })).toThrow("client.duplicate({ autoResubscribe: false })");
    },
  );
});

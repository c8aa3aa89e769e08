import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TokenStore } from "../../contract/token-store.ts";
import { testTokenStore } from "../../testing/test-token-store.ts";
import { type ConnectedClient, redisClients } from "./redis-clients.test-support.ts";
import { hasNoRedis, type RedisServer, startRedis } from "./redis-servers.test-support.ts";
import { redisStore } from "./redis-store.ts";

describe.skipIf(hasNoRedis).each(Object.entries(redisClients))("redisStore with %s", (_, connect) => {
  let server: RedisServer;
  let connected: ConnectedClient;

  beforeAll(async () => {
    server = await startRedis();
    connected = await connect(server.port);
  });

  afterAll(async () => {
    await connected?.end();
    await server?.stop();
  });

  testTokenStore({ test: test.concurrent, createStore: () => redisStore(connected) });

  test("each operation is one command", async () => {
    const store = redisStore(connected);
    const operate = async () => {
      await store.set("key", { id: "id", payload: "payload" }, 60_000);
      await store.get("key");
      await store.delete("key", "id");
      const lease = await store.lease?.("key", 60_000);
      await lease?.extend(60_000);
      await lease?.release();
      await store.getOrLease?.("other", 60_000, undefined);
    };
    await operate();
    await server.command("CONFIG", "RESETSTAT");
    await operate();
    const statistics = String(await server.command("INFO", "commandstats"));
    expect(statistics).toMatch(/cmdstat_evalsha:calls=7,/);
    expect(statistics).not.toMatch(/cmdstat_eval:|cmdstat_script/);
    expect(statistics).not.toContain("failed_calls=1");
  });

  test("an emptied script cache is filled again", async () => {
    const store = redisStore(connected);
    await store.set("flushed", { id: "id", payload: "payload" }, 60_000);
    await server.command("SCRIPT", "FLUSH");
    expect(await store.get("flushed")).toMatchObject({ id: "id", payload: "payload" });
    await server.command("SCRIPT", "FLUSH");
    expect(await store.delete("flushed", "id")).toBe(true);
  });

  test("keys begin with the prefix, share what chooses the hash slot, and expire by themselves", async () => {
    const store = redisStore({ ...connected, prefix: "shop:" });
    await store.set("provider:host:{1}", { id: "id", payload: "payload" }, 60_000);
    await store.lease?.("provider:host:{1}", 60_000);
    const names = (await server.command("KEYS", "shop:*")) as string[];
    expect(names.sort()).toEqual(["shop:{provider:host:%7B1%7D}:lease", "shop:{provider:host:%7B1%7D}:token"]);
    for (const name of names) expect(await server.command("PTTL", name)).toBeGreaterThan(50_000);
  });

  test("stores with another prefix have other tokens", async () => {
    await redisStore({ ...connected, prefix: "one:" }).set("key", { id: "id", payload: "payload" }, 60_000);
    expect(await redisStore({ ...connected, prefix: "two:" }).get("key")).toBeUndefined();
  });

  test("what is not a token is a miss and makes room for one", async () => {
    const store = redisStore(connected);
    for (const value of ["", "OK", " payload"]) {
      await server.command("SET", "access-token:{foreign}:token", value, "PX", 60_000);
      expect(await store.get("foreign")).toBeUndefined();
      await expectLease(store, "foreign");
    }
    await server.command("SET", "access-token:{foreign}:token", "id payload");
    expect(await store.get("foreign")).toBeUndefined();
    await expectLease(store, "foreign");
    await store.set("foreign", { id: "mine", payload: "payload" }, 1_000);
    expect(await store.get("foreign")).toMatchObject({ id: "mine" });
  });

  test("a key of another type is an error and is left alone", async () => {
    const store = redisStore(connected);
    await server.command("LPUSH", "access-token:{list}:token", "x");
    await expect(store.get("list")).rejects.toThrow("WRONGTYPE");
    await expect(store.getOrLease?.("list", 60_000, undefined)).rejects.toThrow("WRONGTYPE");
    await expect(store.set("list", { id: "id", payload: "payload" }, 1_000)).rejects.toThrow("WRONGTYPE");
    expect(await server.command("LLEN", "access-token:{list}:token")).toBe(1);
  });

  test("a user who may not publish can still store", async () => {
    await server.command("ACL", "SETUSER", "default", "resetchannels");
    try {
      const store = redisStore({ client: connected.client });
      await store.set("quiet", { id: "id", payload: "payload" }, 60_000);
      expect(await store.delete("quiet", "id")).toBe(true);
      const lease = await store.lease?.("quiet", 60_000);
      await lease?.release();
      expect(await store.lease?.("quiet", 60_000)).toBeDefined();
    } finally {
      await server.command("ACL", "SETUSER", "default", "allchannels");
    }
  });

  test("a closed store leaves the client open", async () => {
    const store = redisStore(connected);
    store.changed?.(() => {});
    await store.close?.();
    await store.close?.();
    expect(await redisStore(connected).get("missing")).toBeUndefined();
  });
});

/** There is no token, and the lease is free. */
async function expectLease(store: TokenStore, key: string): Promise<void> {
  const lease = await store.getOrLease?.(key, 60_000, undefined);
  expect(lease).toHaveProperty("release");
  if (lease !== undefined && "release" in lease) await lease.release();
}

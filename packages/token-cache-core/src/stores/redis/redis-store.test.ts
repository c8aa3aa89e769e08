import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createClient } from "redis6";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { TokenStore } from "../../contract/token-store.ts";
import { testTokenStore } from "../../testing/test-token-store.ts";
import { encryptedStore } from "../encrypted/encrypted-store.ts";
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

  test("keys begin with the prefix, share the hash slot, and expire by themselves", async () => {
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

  test("a value that is no token is a miss and is overwritten", async () => {
    const store = redisStore(connected);
    const name = "access-token:{foreign}:token";
    const set = (value: Buffer) => server.command("SET", name, value, "PX", 3_600_000);
    for (const value of ["", "OK", " payload", "\xff payload", "caf\xe9 payload", "a\x00b payload", "\t payload"]) {
      await set(Buffer.from(value, "latin1"));
      expect(await store.get("foreign"), value).toBeUndefined();
      await expectLease(store, "foreign");
      await store.set("foreign", { id: "mine", payload: "payload" }, 1_000);
      expect(await store.get("foreign"), value).toMatchObject({ id: "mine" });
      await store.delete("foreign", "mine");
    }
  });

  test.each(["nan", "inf", "9e99", "no number"])("a lane or a closing of %s blocks nothing", async (value) => {
    const store = redisStore(connected);
    const request = { count: 1, intervalMs: 500, burst: 1, horizonMs: 0, processId: "p" };
    const group = `blocked-${randomBytes(4).toString("hex")}`;
    await store.take?.(group, "lane", request);
    const [name] = (await server.command("KEYS", `*{${group}}*lanes`)) as string[];
    await server.command("HSET", name ?? "", "lane last", value, "closed", value);
    expect(await store.take?.(group, "lane", request)).toMatchObject({ count: 1, closedForMs: 0 });
  });

  test("a token that would never expire is a miss and is overwritten", async () => {
    const store = redisStore(connected);
    await server.command("SET", "access-token:{endless}:token", "id payload");
    expect(await store.get("endless")).toBeUndefined();
    await expectLease(store, "endless");
    await store.set("endless", { id: "mine", payload: "payload" }, 1_000);
    expect(await store.get("endless")).toMatchObject({ id: "mine" });
  });

  test("a lease that would never expire is free", async () => {
    const store = redisStore(connected);
    for (const key of ["endless", "endless in one step"]) {
      await server.command("SET", `access-token:{${key}}:lease`, "an owner");
    }
    expect(await store.lease?.("endless", 60_000)).toBeDefined();
    expect(await store.getOrLease?.("endless in one step", 60_000, undefined)).toMatchObject({ type: "lease" });
    expect(await server.command("PTTL", "access-token:{endless}:lease")).toBeGreaterThan(50_000);
    expect(await store.lease?.("endless", 60_000)).toBeUndefined();
  });

  test("case 43: an entry whose id changes in decoding causes no endless loop in an encrypted store", async () => {
    const store = encryptedStore(redisStore(connected), { keys: [randomBytes(32)] });
    await server.command("SET", "access-token:{changing}:token", Buffer.from("\xff x", "latin1"), "PX", 60_000);
    await server.command("CONFIG", "RESETSTAT");
    await expectLease(store, "changing");
    const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(String(await server.command("INFO", "commandstats"))) ?? [];
    expect(Number(calls)).toBeLessThanOrEqual(3);
    await store.set("changing", { id: "mine", payload: "payload" }, 1_000);
    expect(await store.get("changing")).toMatchObject({ id: "mine" });
  });

  test("a key of another type is an error and is left alone", async () => {
    const store = redisStore(connected);
    await server.command("LPUSH", "access-token:{list}:token", "x");
    await expect(store.get("list")).rejects.toThrow("WRONGTYPE");
    await expect(store.getOrLease?.("list", 60_000, undefined)).rejects.toThrow("WRONGTYPE");
    await expect(store.set("list", { id: "id", payload: "payload" }, 1_000)).rejects.toThrow("WRONGTYPE");
    expect(await server.command("LLEN", "access-token:{list}:token")).toBe(1);
  });

  test("a user without the right to publish can still store", async () => {
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

  test("case 55: a user without the right to run scripts gets an error that says what to do", async () => {
    await server.command("ACL", "SETUSER", "default", "-evalsha", "-eval");
    try {
      const message = expect.stringMatching(/\(NOPERM\).*\+evalsha \+eval/);
      await expect(redisStore(connected).get("key")).rejects.toMatchObject({ code: "invalid_options", message });
    } finally {
      await server.command("ACL", "SETUSER", "default", "+evalsha", "+eval");
    }
  });

  test("case 55: a user without the right to a script's commands gets an error that says what to do", async () => {
    await server.command("ACL", "SETUSER", "default", "-zadd");
    try {
      const message = expect.stringMatching(/\(NOPERM\).*\+zadd/);
      const turn = { count: 1, intervalMs: 500, burst: 1, horizonMs: 0, processId: "process" };
      const taken = redisStore(connected).take?.("group", "lane", turn);
      await expect(taken).rejects.toMatchObject({ code: "invalid_options", message });
    } finally {
      await server.command("ACL", "SETUSER", "default", "+zadd");
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
  const outcome = await store.getOrLease?.(key, 60_000, undefined);
  expect(outcome).toMatchObject({ type: "lease" });
  if (outcome?.type === "lease") await outcome.lease.release();
}

test.skipIf(hasNoRedis)("a user with the rights that docs/stores.md names can do everything", async () => {
  const page = await readFile(new URL("../../../docs/stores.md", import.meta.url), "utf8");
  const [rights = ""] = /\*\*Rights\.\*\*.*?(?=^- )/ms.exec(page) ?? [];
  const commands = rights.match(/\+[a-z]+/g) ?? [];
  const server = await startRedis();
  const rules = ["on", ">password", "resetkeys", "~access-token:*", "resetchannels", "&access-token:changed", "-@all"];
  await server.command("ACL", "SETUSER", "shop", ...rules, ...commands);
  const client = createClient({ username: "shop", password: "password", socket: { port: server.port } });
  try {
    await client.connect();
    const store = redisStore({ client });
    await store.set("key", { id: "id", payload: "payload" }, 60_000);
    expect(await store.get("key")).toMatchObject({ id: "id" });
    expect(await store.delete("key", "id")).toBe(true);
    const lease = await store.lease?.("key", 60_000);
    expect(await lease?.extend(60_000)).toBe(true);
    await lease?.release();
    expect(await store.getOrLease?.("other", 60_000, undefined)).toMatchObject({ type: "lease" });
    const turn = { count: 1, intervalMs: 500, burst: 2, horizonMs: 0, processId: "process" };
    expect(await store.take?.("group", "lane", { ...turn, note: "note" })).toMatchObject({ count: 1 });
    expect(await store.take?.("group", "lane", { ...turn, closeForMs: 1_000 })).toMatchObject({ count: 0 });
    const heard = vi.fn();
    const subscriber = client.duplicate();
    await subscriber.connect();
    const stop = redisStore({ client, subscriber }).changed?.(heard);
    await vi.waitFor(async () => {
      await store.set("key", { id: "id", payload: "payload" }, 60_000);
      expect(heard).toHaveBeenCalled();
    }, 5_000);
    stop?.();
    subscriber.destroy();
  } finally {
    client.destroy();
    await server.stop();
  }
});

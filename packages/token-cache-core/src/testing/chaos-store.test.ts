import { describe, expect, test } from "vitest";
import { inOneStep } from "../cache/sharing/token-store.test-support.ts";
import type { StoreChange, TokenStore } from "../contract/token-store.ts";
import { type ChaosOptions, chaosStore } from "./chaos-store.ts";
import { memoryStore } from "./memory-store.ts";
import { testTokenStore } from "./test-token-store.ts";

const token = { id: "a1b2c3d4e5f60718", payload: '{"value":"token"}' };

/** The same numbers each time. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = {};
  return (await Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 20, pending))])) === pending;
}

describe("without chaos, the store passes the store tests", () => {
  const shared = memoryStore();
  testTokenStore({ test: test.concurrent, createStore: () => ({ ...chaosStore(shared), close: async () => {} }) });
});

test("has the optional methods that the store has, and no others", () => {
  const full = { ...inOneStep(memoryStore()), unreadable: () => () => {} };
  const { get, set, delete: remove } = full;
  const optional = (store: TokenStore) => [store.lease, store.getOrLease, store.changed, store.unreadable];
  expect(optional(chaosStore(full))).not.toContain(undefined);
  expect(optional(chaosStore({ get, set, delete: remove }))).toEqual([undefined, undefined, undefined, undefined]);
});

test("gives a token or the lease in one step, and the lease fails as configured", async () => {
  const store = chaosStore(inOneStep(memoryStore()));
  const outcome = await store.getOrLease?.("key", 60_000, undefined);
  if (outcome?.type !== "lease") return expect.unreachable("the lease is free");
  store.setChaos({ throws: 1 });
  await expect(outcome.lease.release()).rejects.toThrow("Chaos");
  await expect(store.getOrLease?.("key", 60_000, undefined)).rejects.toThrow("Chaos");
  expect(store.calls).toMatchObject({ getOrLease: 2, release: 1, get: 0, lease: 0 });
});

test("throws in every operation, and does nothing", async () => {
  const inner = memoryStore();
  const store = chaosStore(inner);
  const lease = await store.lease?.("key", 60_000);
  await store.set("key", token, 60_000);
  store.setChaos({ throws: 1 });
  for (const operation of [
    () => store.get("key"),
    () => store.set("other", token, 60_000),
    () => store.delete("key", token.id),
    () => store.lease?.("other", 60_000),
    () => lease?.extend(60_000),
    () => lease?.release(),
  ]) {
    await expect(operation()).rejects.toThrow("Chaos");
  }
  expect(store.calls).toMatchObject({ get: 1, set: 2, delete: 1, lease: 2, extend: 1, release: 1 });
  expect(await inner.get("other")).toBeUndefined();
  expect(await inner.get("key")).toMatchObject(token);
  store.setChaos({});
  expect(await store.get("key")).toMatchObject(token);
});

test("hangs forever, also when the chaos is over", async () => {
  const store = chaosStore(memoryStore(), { hangs: 1 });
  const hanging = store.get("key");
  expect(await isPending(hanging)).toBe(true);
  store.setChaos({});
  expect(await isPending(hanging)).toBe(true);
  expect(await store.get("key")).toBeUndefined();
});

test("is slow, and does what was requested", async () => {
  const store = chaosStore(memoryStore(), { slow: 1, slowMs: 40 });
  const since = performance.now();
  await store.set("key", token, 60_000);
  expect(performance.now() - since).toBeGreaterThan(35);
  expect(await store.get("key")).toMatchObject(token);
});

test("loses writes and reports success", async () => {
  const inner = memoryStore();
  const store = chaosStore(inner);
  await store.set("kept", token, 60_000);
  const lease = await store.lease?.("key", 60_000);
  store.setChaos({ losesWrites: 1 });
  await store.set("key", token, 60_000);
  expect(await store.delete("kept", token.id)).toBe(true);
  expect(await lease?.extend(60_000)).toBe(true);
  await lease?.release();
  expect(await inner.get("key")).toBeUndefined();
  expect(await inner.get("kept")).toMatchObject(token);
  expect(await inner.lease?.("key", 60_000)).toBeUndefined();
});

test("loses notices", async () => {
  const store = chaosStore(memoryStore());
  const heard: StoreChange[] = [];
  store.changed?.((change) => heard.push(change));
  await store.set("key", token, 60_000);
  store.setChaos({ losesNotices: 1 });
  await store.set("key", token, 60_000);
  expect(heard).toEqual([{ key: "key" }]);
});

test("returns garbage of many kinds, never the token that is kept", async () => {
  const store = chaosStore(memoryStore(), { returnsGarbage: 1, random: seededRandom(7) });
  await store.set("key", token, 60_000);
  const kinds = new Set<string>();
  for (let i = 0; i < 200; i += 1) {
    const found = await store.get("key");
    expect(found).not.toMatchObject({ ...token, remainingMs: expect.closeTo(60_000, -4) });
    kinds.add(JSON.stringify(found));
  }
  expect(kinds.size).toBeGreaterThan(8);
});

test("misbehaves as often as the options say", async () => {
  const options: ChaosOptions = { throws: 0.25, random: seededRandom(42) };
  const store = chaosStore(memoryStore(), options);
  let failures = 0;
  for (let i = 0; i < 1_000; i += 1) await store.get("key").catch(() => (failures += 1));
  expect(failures).toBeGreaterThan(200);
  expect(failures).toBeLessThan(300);
});

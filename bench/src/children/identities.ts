// Many identities in one cache: what a cached token takes with one identity and with all of them at random, and how
// many bytes of heap each identity is.

import { setImmediate as nextTurn } from "node:timers/promises";
import { TokenCache } from "@x/token-cache-core";
import { createTokenSource, type RenewalPolicy, type TokenSource } from "@x/token-cache-core/provider";
import { LRUCache } from "lru-cache";
import { asChild } from "../child-process.ts";

export interface IdentitiesInput {
  readonly identities: number;
  readonly runs: number;
}

export interface IdentitiesResult {
  /** ns per call of each run, by contender. */
  readonly oneNs: Record<string, number[]>;
  readonly manyNs: Record<string, number[]>;
  readonly bytesEach: Record<string, number>;
}

const CALLS = 200_000;
const POLICY: RenewalPolicy = { softWindow: { ms: 1_800_000 }, hardWindow: { ms: 60_000 } };
const LIFETIME_MS = 10_800_000;

await asChild(async ({ identities, runs }: IdentitiesInput): Promise<IdentitiesResult> => {
  const bytesEach = {
    "strings alone": await bytesOf(identities, () => fillStrings(identities)),
    "lru-cache": await bytesOf(identities, () => fillLru(identities)),
    ours: await bytesOf(identities, () => fillOurs(identities)),
  };

  const sources = Array.from({ length: identities }, (_, index) => sourceOf(index));
  const cache = await fillOurs(identities, sources);
  const entries = sources.map(({ key }) => ({ key, until: Date.now() + LIFETIME_MS, promise: Promise.resolve(key) }));
  const promises = entries.map(({ promise }) => promise);
  const map = new Map(entries.map((entry) => [entry.key, entry]));
  const lru = await fillLru(identities);
  const keys = sources.map(({ key }) => key);
  const ours = async (order: Uint32Array) => {
    for (const index of order) await cache.getToken(sources[index] as TokenSource);
  };
  const arrayUnchecked = async (order: Uint32Array) => {
    for (const index of order) {
      if (Date.now() < 0) throw new Error("It is not there.");
      await promises[index];
    }
  };
  const array = async (order: Uint32Array) => {
    for (const index of order) {
      const found = entries[index];
      if (found === undefined || Date.now() >= found.until) throw new Error("It is not there.");
      await found.promise;
    }
  };
  const plainMap = async (order: Uint32Array) => {
    for (const index of order) {
      const found = map.get(keys[index] as string);
      if (found === undefined || Date.now() >= found.until) throw new Error("It is not there.");
      await found.promise;
    }
  };
  const lruCache = async (order: Uint32Array) => {
    for (const index of order) await lru.get(keys[index] as string);
  };

  const loops = {
    ours,
    "an array of promises and one clock read": arrayUnchecked,
    "the same with each one's end": array,
    "a Map of the same": plainMap,
    "lru-cache get": lruCache,
  };
  const one = new Uint32Array(CALLS);
  const many = Uint32Array.from({ length: CALLS }, () => Math.floor(Math.random() * identities));
  const oneNs: Record<string, number[]> = {};
  const manyNs: Record<string, number[]> = {};
  for (const loop of Object.values(loops)) await loop(many);
  for (let run = 0; run < runs; run++) {
    for (const [name, loop] of Object.entries(loops)) {
      oneNs[name] = [...(oneNs[name] ?? []), await nsPerCall(loop, one)];
      manyNs[name] = [...(manyNs[name] ?? []), await nsPerCall(loop, many)];
    }
  }
  return { oneNs, manyNs, bytesEach };
});

async function nsPerCall(loop: (order: Uint32Array) => Promise<void>, order: Uint32Array): Promise<number> {
  await nextTurn();
  const began = process.hrtime.bigint();
  await loop(order);
  return Number(process.hrtime.bigint() - began) / order.length;
}

async function bytesOf(identities: number, fill: () => unknown): Promise<number> {
  await collect();
  const before = process.memoryUsage().heapUsed;
  const filled = await fill();
  await collect();
  const bytes = process.memoryUsage().heapUsed - before;
  // Held until here, so that there is something to measure.
  if (filled === undefined) throw new Error("Nothing was filled.");
  return bytes / identities;
}

async function collect(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await nextTurn();
  }
}

/** Keys and tokens of the usual lengths, in one Map. */
function fillStrings(identities: number): Map<string, string> {
  return new Map(Array.from({ length: identities }, (_, index) => [flat(sourceOf(index).key), tokenOf(index)]));
}

async function fillLru(identities: number): Promise<LRUCache<string, string>> {
  const cache = new LRUCache<string, string>({ max: identities, ttl: LIFETIME_MS });
  for (let index = 0; index < identities; index++) cache.set(flat(sourceOf(index).key), tokenOf(index));
  return cache;
}

async function fillOurs(identities: number, sources?: readonly TokenSource[]): Promise<TokenCache> {
  const cache = new TokenCache({ maxIdentities: identities, maxConcurrentIssues: 100 });
  for (let index = 0; index < identities; index++) {
    const source = sources?.[index] ?? sourceOf(index);
    await cache.getToken(source);
    // The first hit after the issue is a full check, which belongs to what a token in use holds.
    await cache.getToken(source);
  }
  return cache;
}

function sourceOf(index: number): TokenSource {
  return createTokenSource({
    provider: "bench",
    tokenUrl: new URL("https://tokens.example/oauth2/token"),
    policy: POLICY,
    identity: () => [`client-${index}`, "secret"],
    issue: async ({ clock }) => ({
      value: tokenOf(index),
      lifetimeMs: LIFETIME_MS,
      sentAt: { wall: clock.wall(), monotonic: clock.monotonic() },
    }),
  });
}

/** 136 characters, and one piece. */
function tokenOf(index: number): string {
  return flat(`${String(index).padStart(8, "0")}${"t".repeat(128)}`);
}

/** A string that was put together may still be in pieces. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

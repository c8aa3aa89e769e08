import { setImmediate as nextTurn } from "node:timers/promises";
import { TokenCache } from "@x/token-cache-core";
import { createTokenSource, type RenewalPolicy, type TokenSource } from "@x/token-cache-core/provider";
import { importFromContenders } from "../clients/contenders.ts";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { figure, spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

const IDENTITIES = 100_000;
const RUNS = 9;
const CALLS = 200_000;
const POLICY: RenewalPolicy = { softWindow: { ms: 1_800_000 }, hardWindow: { ms: 60_000 } };
const LIFETIME_MS = 10_800_000;

export const identities: Measure = {
  name: "identities",
  title: "100,000 identities in one cache",
  explanation:
    "A cached token by TokenCache.getToken, for one identity and for 100,000 at random, in turns in one process. The " +
    "floors are arrays, a Map and a library. Bytes are the growth of the live heap by filling, per identity: keys of 64 " +
    "characters, tokens of 136. The sources belong to the caller and do not count.",
  isQuick: false,
  async run() {
    const result = await callInChild(import.meta.url, costOfIdentities, null, { flags: ["--expose-gc"] });
    const ratioOf = (name: string) => ratios(result.manyNs[name] ?? [], result.oneNs[name] ?? []);
    const ours = ratioOf("ours");
    const bytes = result.bytesEach["ours"] ?? Number.NaN;
    return {
      data: result,
      tables: [
        {
          columns: ["", "one identity, ns", "100,000 at random, ns", "ratio"],
          rows: Object.keys(result.oneNs).map((name) => [
            name,
            spread(summarize(result.oneNs[name] ?? [])),
            spread(summarize(result.manyNs[name] ?? [])),
            times(ratioOf(name)),
          ]),
        },
        {
          columns: ["", "bytes per identity"],
          rows: Object.entries(result.bytesEach).map(([name, each]) => [name, figure(each)]),
        },
      ],
      targets: [
        { wanted: "at most 2 × the figure of one identity", reached: times(ours), isMet: ours.median <= 2 },
        { wanted: "at most 600 bytes per identity", reached: `${figure(bytes)} bytes`, isMet: bytes <= 600 },
      ],
    };
  },
};

interface IdentitiesCost {
  /** ns per call of each run, by contender. */
  readonly oneNs: Record<string, number[]>;
  readonly manyNs: Record<string, number[]>;
  readonly bytesEach: Record<string, number>;
}

/** A cache of plain values. */
interface PlainCache {
  get(key: string): string | undefined;
  set(key: string, value: string): unknown;
}

interface LruCacheModule {
  createPlainCache(max: number, ttlMs: number): PlainCache;
}

/** Asks for the tokens of the given identities, one after another. */
type Loop = (order: Uint32Array) => Promise<void>;

/** Runs in a process of its own. */
export async function costOfIdentities(): Promise<IdentitiesCost> {
  const { createPlainCache } = await importFromContenders<LruCacheModule>("lru-cache");
  const fillLru = () => fillPlain(createPlainCache(IDENTITIES, LIFETIME_MS));
  const bytesEach = {
    "strings alone": await bytesOf(() => fillPlain(new Map())),
    "lru-cache": await bytesOf(fillLru),
    ours: await bytesOf(() => fillOurs()),
  };

  const loops = await loopsOver(fillLru());
  const one = new Uint32Array(CALLS);
  const many = Uint32Array.from({ length: CALLS }, () => Math.floor(Math.random() * IDENTITIES));
  const oneNs: Record<string, number[]> = {};
  const manyNs: Record<string, number[]> = {};
  for (const loop of Object.values(loops)) await loop(many);
  for (let run = 0; run < RUNS; run++) {
    for (const [name, loop] of Object.entries(loops)) {
      oneNs[name] = [...(oneNs[name] ?? []), await nsPerCall(loop, one)];
      manyNs[name] = [...(manyNs[name] ?? []), await nsPerCall(loop, many)];
    }
  }
  return { oneNs, manyNs, bytesEach };
}

async function loopsOver(lru: PlainCache): Promise<Record<string, Loop>> {
  const sources = Array.from({ length: IDENTITIES }, (_, index) => sourceOf(index));
  const cache = await fillOurs(sources);
  const entries = sources.map(({ key }) => ({ key, until: Date.now() + LIFETIME_MS, promise: Promise.resolve(key) }));
  const promises = entries.map(({ promise }) => promise);
  const map = new Map(entries.map((entry) => [entry.key, entry]));
  const keys = sources.map(({ key }) => key);
  // Each loop is written out: V8 would optimize shared code for all of them at once, and so for none.
  return {
    async ours(order) {
      for (const index of order) await cache.getToken(sources[index] as TokenSource);
    },
    async "an array of promises and one clock read"(order) {
      for (const index of order) {
        if (Date.now() < 0) throw new Error("Not found.");
        await promises[index];
      }
    },
    async "the same with an expiry each"(order) {
      for (const index of order) {
        const found = entries[index];
        if (found === undefined || Date.now() >= found.until) throw new Error("Not found.");
        await found.promise;
      }
    },
    async "a Map of the same"(order) {
      for (const index of order) {
        const found = map.get(keys[index] as string);
        if (found === undefined || Date.now() >= found.until) throw new Error("Not found.");
        await found.promise;
      }
    },
    async "lru-cache get"(order) {
      for (const index of order) await lru.get(keys[index] as string);
    },
  };
}

async function nsPerCall(loop: Loop, order: Uint32Array): Promise<number> {
  await nextTurn();
  const began = process.hrtime.bigint();
  await loop(order);
  return Number(process.hrtime.bigint() - began) / order.length;
}

async function bytesOf(fill: () => unknown): Promise<number> {
  await collect();
  const before = process.memoryUsage().heapUsed;
  const filled = await fill();
  await collect();
  const bytes = process.memoryUsage().heapUsed - before;
  // This use keeps it alive until here.
  if (filled === undefined) throw new Error("Nothing was filled.");
  return Math.round(bytes / IDENTITIES);
}

async function collect(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await nextTurn();
  }
}

function fillPlain(cache: PlainCache): PlainCache {
  for (let index = 0; index < IDENTITIES; index++) cache.set(flat(sourceOf(index).key), tokenOf(index));
  return cache;
}

async function fillOurs(sources?: readonly TokenSource[]): Promise<TokenCache> {
  const cache = new TokenCache({ maxIdentities: IDENTITIES, maxConcurrentIssues: 100 });
  for (let index = 0; index < IDENTITIES; index++) {
    const source = sources?.[index] ?? sourceOf(index);
    await cache.getToken(source);
    // The first hit stores what later hits need. It belongs to a token in use.
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

/** 136 characters. */
function tokenOf(index: number): string {
  return flat(`${String(index).padStart(8, "0")}${"t".repeat(128)}`);
}

/** V8 may keep a concatenated string as a tree of its parts. This copy is one piece. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}

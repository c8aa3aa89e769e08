import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { Redis } from "ioredis";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { startRedis } from "../processes/redis-server.ts";
import { spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

const RUNS = 25;
const READS = 400;

export const storeReads: Measure = {
  name: "store-reads",
  title: "A token found in a store",
  explanation:
    "One read after another of a value of the same length. Raw is the plain client's read: GET by ioredis, or a prepared " +
    "SELECT by primary key. With its life is the plain client's read of the value and its remaining life: GET and PTTL " +
    "at once, or three more columns. Then come the store's get, and a whole getToken with an empty memory, which also " +
    "checks the stored token and caches it.",
  isQuick: false,
  async run() {
    const redis = await startRedis();
    try {
      const found = await callInChild(import.meta.url, readsInTurns, { redisPort: redis.port });
      const stores = Object.entries(found);
      return {
        data: found,
        tables: [
          {
            columns: [
              "",
              "raw, µs",
              "with its life, µs",
              "store get, µs",
              "× raw",
              "× with its life",
              "getToken, µs",
              "× raw",
            ],
            rows: stores.map(([name, { raw, rawWithLife, store, getToken }]) => [
              name,
              spread(summarize(raw)),
              spread(summarize(rawWithLife)),
              spread(summarize(store)),
              times(ratios(store, raw)),
              times(ratios(store, rawWithLife)),
              spread(summarize(getToken)),
              times(ratios(getToken, raw)),
            ]),
          },
        ],
        targets: stores.map(([name, { raw, store }]) => {
          const ratio = ratios(store, raw);
          return { wanted: `${name}: at most 1.3 × the raw read`, reached: times(ratio), isMet: ratio.median <= 1.3 };
        }),
      };
    } finally {
      await redis.stop();
    }
  },
};

/** The figures of each run, in µs per read. */
type Reads = Record<"raw" | "rawWithLife" | "store" | "getToken", number[]>;

interface RawReads {
  value(): Promise<unknown>;
  valueWithLife(): Promise<unknown>;
}

const KEY = "bench:https://tokens.example:0123456789abcdef0123456789abcdef";
const LIFETIME_MS = 3_600_000;
const value = "v".repeat(136);
const payload = JSON.stringify({ v: 1, key: KEY, value, tokenType: "Bearer", lifetimeMs: LIFETIME_MS });
const token = { id: createHash("sha256").update(value).digest("hex").slice(0, 16), payload };

/** Runs in a process of its own. */
export async function readsInTurns({ redisPort }: { redisPort: number }): Promise<Record<"Redis" | "SQLite", Reads>> {
  const folder = mkdtempSync(join(tmpdir(), "bench-sqlite-"));
  const redis = new Redis({ host: "127.0.0.1", port: redisPort });
  try {
    return { Redis: await readRedis(redis), SQLite: await readSqlite(folder) };
  } finally {
    redis.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readRedis(redis: Redis): Promise<Reads> {
  await redis.set(KEY, `${token.id} ${payload}`, "PX", LIFETIME_MS);
  return readStore(redisStore({ client: redis }), {
    value: () => redis.get(KEY),
    valueWithLife: () => redis.multi().get(KEY).pttl(KEY).exec(),
  });
}

async function readSqlite(folder: string): Promise<Reads> {
  const database = new DatabaseSync(join(folder, "raw.sqlite"));
  database.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE raw (key TEXT PRIMARY KEY, value TEXT, ends_wall REAL, life_ms REAL, written_uptime REAL) WITHOUT ROWID;
  `);
  database.prepare("INSERT INTO raw VALUES (?, ?, ?, ?, ?)").run(KEY, `${token.id} ${payload}`, Date.now(), 1.5, 1.5);
  const select = database.prepare("SELECT value FROM raw WHERE key = ?");
  const selectWithLife = database.prepare("SELECT value, ends_wall, life_ms, written_uptime FROM raw WHERE key = ?");
  const reads = await readStore(sqliteStore({ path: join(folder, "tokens.sqlite") }), {
    value: async () => select.get(KEY),
    valueWithLife: async () => selectWithLife.get(KEY),
  });
  database.close();
  return reads;
}

async function readStore(store: TokenStore, raw: RawReads): Promise<Reads> {
  const source = {
    provider: "bench",
    origin: "https://tokens.example",
    key: KEY,
    policy: { softWindow: { ms: 60_000 }, hardWindow: { ms: 10_000 } },
    issue: () => Promise.reject(new Error("The store must have the token.")),
  };
  await store.set(source.key, token, LIFETIME_MS);
  const reads: Reads = { raw: [], rawWithLife: [], store: [], getToken: [] };
  for (let run = -1; run < RUNS; run++) {
    // Each of them has an empty memory.
    const caches = Array.from({ length: READS }, () => new TokenCache({ store }));
    const us = {
      raw: await usPerRead(raw.value),
      rawWithLife: await usPerRead(raw.valueWithLife),
      store: await usPerRead(() => store.get(source.key)),
      getToken: await usPerRead((index) => (caches[index] as TokenCache).getToken(source)),
    };
    if (run < 0) continue;
    for (const what of ["raw", "rawWithLife", "store", "getToken"] as const) reads[what].push(us[what]);
  }
  return reads;
}

async function usPerRead(read: (index: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let index = 0; index < READS; index++) {
    if ((await read(index)) === undefined) throw new Error("Not found.");
  }
  return ((performance.now() - began) * 1_000) / READS;
}

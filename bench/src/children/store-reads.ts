import { createHash } from "node:crypto";
// A token found in a store, against the raw client's read of the same value, in turns.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { Redis } from "ioredis";
import { asChild } from "../child-process.ts";

export interface StoreReadsInput {
  readonly redisPort: number;
  readonly runs: number;
  readonly reads: number;
}

/**
 * µs per read of each run: of the value alone by the raw client, of the value with its remaining life, by the store, and
 * by a getToken of a cache with empty memory.
 */
export type StoreReads = Record<"raw" | "rawWithLife" | "store" | "getToken", number[]>;

export type StoreReadsResult = Record<"Redis" | "SQLite", StoreReads>;

interface RawReads {
  value(): Promise<unknown>;
  valueWithLife(): Promise<unknown>;
}

const KEY = "bench:https://tokens.example:0123456789abcdef0123456789abcdef";
const LIFETIME_MS = 3_600_000;
const value = "v".repeat(136);
const payload = JSON.stringify({ v: 1, value, tokenType: "Bearer", lifetimeMs: LIFETIME_MS });
const token = { id: createHash("sha256").update(value).digest("hex").slice(0, 16), payload };

await asChild(async ({ redisPort, runs, reads }: StoreReadsInput): Promise<StoreReadsResult> => {
  const folder = mkdtempSync(join(tmpdir(), "bench-sqlite-"));
  const redis = new Redis({ host: "127.0.0.1", port: redisPort });
  try {
    await redis.set(KEY, `${token.id} ${payload}`, "PX", LIFETIME_MS);
    const rawRedis: RawReads = {
      value: () => redis.get(KEY),
      valueWithLife: () => redis.multi().get(KEY).pttl(KEY).exec(),
    };
    const overRedis = await measure(redisStore({ client: redis }), rawRedis, reads);

    const database = new DatabaseSync(join(folder, "raw.sqlite"));
    database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE raw (key TEXT PRIMARY KEY, value TEXT, ends_wall REAL, life_ms REAL, written_uptime REAL) WITHOUT ROWID;
    `);
    database.prepare("INSERT INTO raw VALUES (?, ?, ?, ?, ?)").run(KEY, `${token.id} ${payload}`, Date.now(), 1.5, 1.5);
    const select = database.prepare("SELECT value FROM raw WHERE key = ?");
    const selectWithLife = database.prepare("SELECT value, ends_wall, life_ms, written_uptime FROM raw WHERE key = ?");
    const rawSqlite: RawReads = {
      value: async () => select.get(KEY),
      valueWithLife: async () => selectWithLife.get(KEY),
    };
    const sqlite = sqliteStore({ path: join(folder, "tokens.sqlite") });
    const overSqlite = await measure(sqlite, rawSqlite, reads);
    database.close();
    return { Redis: overRedis, SQLite: overSqlite };
  } finally {
    redis.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }

  async function measure(store: TokenStore, raw: RawReads, reads: number): Promise<StoreReads> {
    const source = {
      provider: "bench",
      origin: "https://tokens.example",
      key: KEY,
      policy: { softWindow: { ms: 60_000 }, hardWindow: { ms: 10_000 } },
      issue: () => Promise.reject(new Error("The store has the token.")),
    };
    await store.set(source.key, token, LIFETIME_MS);
    const result: StoreReads = { raw: [], rawWithLife: [], store: [], getToken: [] };
    for (let run = -1; run < runs; run++) {
      // Each has nothing in memory.
      const fresh = Array.from({ length: reads }, () => new TokenCache({ store }));
      const us = {
        raw: await usEach(reads, raw.value),
        rawWithLife: await usEach(reads, raw.valueWithLife),
        store: await usEach(reads, () => store.get(source.key)),
        getToken: await usEach(reads, (index) => (fresh[index] as TokenCache).getToken(source)),
      };
      if (run < 0) continue;
      for (const what of ["raw", "rawWithLife", "store", "getToken"] as const) result[what].push(us[what]);
    }
    return result;
  }
});

async function usEach(count: number, read: (index: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let index = 0; index < count; index++) {
    if ((await read(index)) === undefined) throw new Error("It was not found.");
  }
  return ((performance.now() - began) * 1_000) / count;
}

// A token found in a store, against the raw client's read of the same value, in turns.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { TokenCache, type TokenStore, tokenId } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { Redis } from "ioredis";
import { asChild } from "../child-process.ts";

export interface StoreReadsInput {
  readonly redisPort: number;
  readonly runs: number;
  readonly reads: number;
}

/** µs per read of each run: by the raw client, by the store, and by a getToken of a cache with empty memory. */
export type StoreReadsResult = Record<"Redis" | "SQLite", { raw: number[]; store: number[]; getToken: number[] }>;

const LIFETIME_MS = 3_600_000;
const value = "v".repeat(136);
const payload = JSON.stringify({ v: 1, value, tokenType: "Bearer", lifetimeMs: LIFETIME_MS });
const token = { id: tokenId(value), payload };

await asChild(async ({ redisPort, runs, reads }: StoreReadsInput): Promise<StoreReadsResult> => {
  const folder = mkdtempSync(join(tmpdir(), "bench-sqlite-"));
  const redis = new Redis({ host: "127.0.0.1", port: redisPort });
  try {
    await redis.set("raw", `${token.id} ${payload}`, "PX", LIFETIME_MS);
    const overRedis = await measure(redisStore({ client: redis }), () => redis.get("raw"), reads);

    const database = new DatabaseSync(join(folder, "raw.sqlite"));
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE raw (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;");
    database.prepare("INSERT INTO raw VALUES (?, ?)").run("raw", `${token.id} ${payload}`);
    const select = database.prepare("SELECT value FROM raw WHERE key = ?");
    const sqlite = sqliteStore({ path: join(folder, "tokens.sqlite") });
    const overSqlite = await measure(sqlite, async () => select.get("raw"), reads);
    database.close();
    return { Redis: overRedis, SQLite: overSqlite };
  } finally {
    redis.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }

  async function measure(store: TokenStore, raw: () => Promise<unknown>, reads: number) {
    const source = {
      provider: "bench",
      origin: "https://tokens.example",
      key: "bench:https://tokens.example:0123456789abcdef0123456789abcdef",
      policy: { softWindow: { ms: 60_000 }, hardWindow: { ms: 10_000 } },
      issue: () => Promise.reject(new Error("The store has the token.")),
    };
    await store.set(source.key, token, LIFETIME_MS);
    const result = { raw: [] as number[], store: [] as number[], getToken: [] as number[] };
    for (let run = -1; run < runs; run++) {
      const one = await usEach(reads, raw);
      const two = await usEach(reads, () => store.get(source.key));
      // Each has nothing in memory.
      const fresh = Array.from({ length: reads }, () => new TokenCache({ store }));
      const three = await usEach(reads, (index) => (fresh[index] as TokenCache).getToken(source));
      if (run < 0) continue;
      result.raw.push(one);
      result.store.push(two);
      result.getToken.push(three);
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

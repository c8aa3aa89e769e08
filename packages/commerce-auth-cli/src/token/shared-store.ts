import type { TokenStore } from "@x/token-cache-core";
import { CommandError } from "../command-error.ts";
import type { Language } from "../language.ts";

/** An open store, and how to close what was opened for it. */
export interface OpenStore {
  readonly store: TokenStore;
  close(): Promise<void>;
}

/** Opens the store that `--store` or `COMMERCE_AUTH_STORE` names: an SQLite file, or Redis by its URL. */
export function openStore(location: string, language: Language): Promise<OpenStore> {
  return /^rediss?:\/\//.test(location) ? openRedis(location, language) : openSqlite(location.replace(/^sqlite:/, ""));
}

async function openSqlite(path: string): Promise<OpenStore> {
  const { sqliteStore } = await import("@x/token-cache-core/sqlite");
  const store = sqliteStore({ path });
  return { store, close: async () => await store.close?.() };
}

const NO_CLIENT = {
  ko: "redis:// 저장소를 쓰려면 ioredis가 필요합니다: npm install ioredis",
  en: "A redis:// store needs the package ioredis: npm install ioredis",
};

async function openRedis(url: string, language: Language): Promise<OpenStore> {
  const { redisStore } = await import("@x/token-cache-core/redis");
  const { Redis } = await import("ioredis").catch(() => {
    throw new CommandError(NO_CLIENT[language]);
  });
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null });
  // Without a listener, ioredis prints its errors, which contain the URL.
  client.on("error", () => {});
  const prefix = new URL(url).searchParams.get("prefix");
  const store = redisStore(prefix === null ? { client } : { client, prefix });
  return {
    store,
    async close() {
      await store.close?.();
      client.disconnect();
    },
  };
}

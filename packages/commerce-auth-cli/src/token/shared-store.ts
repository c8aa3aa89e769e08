import type { TokenStore } from "@x/token-cache-core";
import { CommandError } from "../command-error.ts";
import type { Language, Text } from "../language.ts";

/** An open store, and how to close what was opened for it. */
export interface OpenStore {
  readonly store: TokenStore;
  close(): Promise<void>;
}

const REDIS = /^(?:redis|valkey)(s?):\/\//i;

/** A colon before the first slash. A Windows drive is no scheme. */
const OTHER_SCHEME = /^(?![a-z]:)[^/\\]*:/i;

/** The value is not repeated: it may have a password in it. */
const NO_STORE: Text = {
  ko: "저장소(--store, COMMERCE_AUTH_STORE)에는 redis:// URL이나 SQLite 파일 경로를 쓰세요. 비밀번호의 특수 문자는 %40처럼 인코딩하고, 파일 이름에 콜론이 있으면 앞에 ./를 붙이세요.",
  en: "The store (--store, COMMERCE_AUTH_STORE) must be a redis:// URL or the path of an SQLite file. Percent-encode special characters of a password, as in %40. Write ./ before a file name that has a colon.",
};

/** Opens the store that `--store` or `COMMERCE_AUTH_STORE` names: an SQLite file, or Redis by its URL. */
export async function openStore(location: string, language: Language): Promise<OpenStore> {
  if (REDIS.test(location)) {
    return openRedis(
      location.replace(REDIS, (_all, tls: string) => `redis${tls.toLowerCase()}://`),
      language,
    );
  }
  const path = location.replace(/^sqlite:/i, "");
  if (path === location && OTHER_SCHEME.test(location)) throw new CommandError(NO_STORE[language]);
  return openSqlite(path);
}

async function openSqlite(path: string): Promise<OpenStore> {
  const { sqliteStore } = await import("@x/token-cache-core/sqlite");
  const store = sqliteStore({ path });
  return { store, close: async () => await store.close?.() };
}

const NO_CLIENT: Text = {
  ko: "redis:// 저장소를 쓰려면 ioredis가 필요합니다: npm install ioredis",
  en: "A redis:// store needs the package ioredis: npm install ioredis",
};

async function openRedis(url: string, language: Language): Promise<OpenStore> {
  const { redisStore } = await import("@x/token-cache-core/redis");
  const { Redis } = await import("ioredis").catch(() => {
    throw new CommandError(NO_CLIENT[language]);
  });
  const client = redisClient(Redis, url, language);
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

function redisClient(Redis: typeof import("ioredis").Redis, url: string, language: Language) {
  try {
    return new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => null });
  } catch {
    throw new CommandError(NO_STORE[language]);
  }
}

// One of several processes that share a store. Its parent sends commands, and receives the results.

import { Redis } from "ioredis6";
import type { TokenEvent } from "../../contract/token-events.ts";
import type { TokenStore } from "../../contract/token-store.ts";
import { createTokenSource } from "../../provider/create-token-source.ts";
import { redisStore } from "../../stores/redis/redis-store.ts";
import { sqliteStore } from "../../stores/sqlite/sqlite-store.ts";
import { instant } from "../../time/clock.ts";
import { TokenCache } from "../token-cache.ts";

/** What the parent starts a process with, as JSON. */
export interface SharingSetup {
  readonly tokenUrl: string;
  readonly sqlitePath?: string;
  readonly redisPort?: number;
}

/** What the parent asks for. */
export interface SharingOrder {
  readonly callers: number;
  /** The id of a token that the API refused. */
  readonly refused?: string;
}

/** The result of a command. */
export interface SharingResult {
  /** The ids of the tokens that the callers got. */
  readonly ids: string[];
  readonly failures: string[];
  readonly events: TokenEvent["type"][];
}

/** A fresh cache over the store, as after a restart, with a token from the endpoint that is counted. */
function openCache(setup: SharingSetup, store: TokenStore) {
  const events: TokenEvent["type"][] = [];
  const cache = new TokenCache({ store, observer: ({ type }) => void events.push(type) });
  const source = createTokenSource({
    provider: "test-provider",
    tokenUrl: new URL(setup.tokenUrl),
    policy: { softWindow: { share: 0.2 }, hardWindow: { share: 0.05 } },
    identity: () => ["client", "secret"],
    async issue({ clock, signal }) {
      const sentAt = instant(clock);
      const response = await fetch(setup.tokenUrl, { method: "POST", signal });
      const { token, lifetimeMs } = (await response.json()) as { token: string; lifetimeMs: number };
      return { value: token, lifetimeMs, sentAt };
    },
  });
  return { cache, source, events };
}

async function openStore({ sqlitePath, redisPort }: SharingSetup): Promise<TokenStore> {
  if (sqlitePath !== undefined) return sqliteStore({ path: sqlitePath });
  const client = new Redis({ host: "127.0.0.1", port: redisPort ?? 0, lazyConnect: true });
  const subscriber = client.duplicate({ autoResubscribe: false });
  for (const connection of [client, subscriber]) connection.on("error", () => {});
  await Promise.all([client.connect(), subscriber.connect()]);
  return redisStore({ client, subscriber });
}

if (process.send !== undefined) {
  const setup: SharingSetup = JSON.parse(process.argv[2] ?? "{}");
  const { cache, source, events } = openCache(setup, await openStore(setup));
  process.on("message", async ({ callers, refused }: SharingOrder) => {
    const calls = Array.from({ length: callers }, () =>
      cache.getToken(source, refused === undefined ? {} : { refusedTokenId: refused }),
    );
    const outcomes = await Promise.allSettled(calls);
    const ids = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.id] : []));
    const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [String(outcome.reason)] : []));
    process.send?.({ ids: [...new Set(ids)], failures: [...new Set(failures)], events } satisfies SharingResult);
  });
  // Node loads its fetch at the first call. The test measures something else.
  await fetch(setup.tokenUrl, { method: "HEAD" });
  process.send({ isReady: true });
}

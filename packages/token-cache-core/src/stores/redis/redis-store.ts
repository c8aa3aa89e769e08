import { TokenError } from "../../contract/token-error.ts";
import type {
  DeleteReason,
  FoundToken,
  Lease,
  StoreChange,
  StoredToken,
  TokenStore,
} from "../../contract/token-store.ts";
import { ownMembers } from "../../own-members.ts";
import { deletionNotice } from "../deletion-notice.ts";
import { wholeMs } from "../remaining-life.ts";
import { checkRedisClient, type RedisClient, type RedisScript } from "./redis-client.ts";
import { checkRedisSubscriber, RedisNotices, type RedisSubscriber } from "./redis-notices.ts";
import {
  deleteScript,
  extendLeaseScript,
  getOrLeaseScript,
  getScript,
  releaseLeaseScript,
  setScript,
  TOKEN_VALUE,
  takeLeaseScript,
} from "./redis-scripts.ts";
import { takeRedisTurns } from "./redis-turns.ts";

export type { IoRedisClient, NodeRedisClient, RedisClient } from "./redis-client.ts";
export type { IoRedisSubscriber, NodeRedisSubscriber, RedisSubscriber } from "./redis-notices.ts";

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * An ioredis 5 or 6 client, or a connected node-redis 5 or 6 client, for a single server, Sentinel or Cluster. It
   * stays yours: the store never closes it. Listen to its `error` events.
   */
  readonly client: RedisClient;
  /**
   * A second connection for change notices. ioredis: `client.duplicate({ autoResubscribe: false })`, since the store
   * subscribes again itself. node-redis: `client.duplicate()`, connected. Cluster, and Sentinel of node-redis: the client
   * itself, which keeps such a connection anyway. Default: none, and waiters poll.
   */
  readonly subscriber?: RedisSubscriber | undefined;
  /** Begins every key and the channel. Default `access-token:`. Without braces, which mark the Cluster's hash slot. */
  readonly prefix?: string | undefined;
}

/** A write that took longer may have waited in the client's queue while the token aged. */
const PROMPT_MS = 500;

/**
 * Shares tokens between machines by Redis 5 or later, or Valkey. Each operation is one round trip and uses keys of one hash
 * slot. An identity has two keys: `<prefix>{<key>}:token`, and `…:lease` during a flight. Both expire by themselves.
 *
 * @throws TokenError `invalid_options` naming the option that is wrong
 */
export function redisStore(given: RedisStoreOptions): TokenStore {
  const options = ownMembers(given);
  const client = checkRedisClient(options.client);
  const prefix = checkPrefix(options.prefix ?? "access-token:");
  const channel = `${prefix}changed`;
  const subscriber = checkRedisSubscriber(options.subscriber, client);
  const notices = subscriber && new RedisNotices(subscriber, channel);
  const run = (script: RedisScript, name: string, ...args: string[]) => script.run(client, [name], args);
  const tokenName = (key: string) => `${prefix}{${escapeBraces(key)}}:token`;
  const leaseName = (key: string) => `${prefix}{${escapeBraces(key)}}:lease`;

  const remove = async (key: string, tokenId: string, reason?: DeleteReason) =>
    isDone(await run(deleteScript, tokenName(key), tokenId, channel, notice(deletionNotice(key, tokenId, reason))));

  const write = (key: string, token: StoredToken, lifeMs: number) =>
    run(setScript, tokenName(key), token.id, token.payload, String(wholeMs(lifeMs)), channel, notice({ key }));

  const leaseOf = (key: string, owner: string): Lease => {
    const name = leaseName(key);
    return {
      extend: async (holdMs) => isDone(await run(extendLeaseScript, name, owner, holdTime(holdMs))),
      release: async () => void (await run(releaseLeaseScript, name, owner, channel, notice({ key }))),
    };
  };

  return {
    async get(key) {
      return readReply(await run(getScript, tokenName(key)));
    },

    async set(key, token, remainingMs) {
      if (wholeMs(remainingMs) === 0) return;
      const sentAt = performance.now();
      await write(key, token, remainingMs);
      const tookMs = performance.now() - sentAt;
      if (tookMs <= PROMPT_MS) return;
      // Once is enough: only a client that reconnects delays commands for long.
      if (wholeMs(remainingMs - tookMs) > 0) await write(key, token, remainingMs - tookMs);
      else await remove(key, token.id);
    },

    delete: remove,

    async lease(key, holdMs) {
      const owner = crypto.randomUUID();
      const isTaken = isDone(await run(takeLeaseScript, leaseName(key), owner, holdTime(holdMs)));
      return isTaken ? leaseOf(key, owner) : undefined;
    },

    async getOrLease(key, holdMs, known) {
      const owner = crypto.randomUUID();
      const names = [tokenName(key), leaseName(key)];
      const knownToken = [known?.id ?? "", String(wholeMs(known?.remainingMs ?? 0))];
      const reply = await getOrLeaseScript.run(client, names, [owner, holdTime(holdMs), ...knownToken]);
      const token = readReply(reply);
      if (token !== undefined) return { type: "token", token };
      return isDone(reply) ? { type: "lease", lease: leaseOf(key, owner) } : { type: "held" };
    },

    take(group, lane, request) {
      const start = `${prefix}{${escapeBraces(group)}}`;
      return takeRedisTurns(client, [`${start}:lanes`, `${start}:processes`], lane, request);
    },

    ...(notices && { changed: (listener: (change: StoreChange) => void) => notices.listen(listener) }),

    async close() {
      await notices?.close();
    },
  };
}

/** The token of a script's reply: `<id> <payload>` and the remaining life. Any other reply is a miss. */
function readReply(reply: unknown): FoundToken | undefined {
  if (!Array.isArray(reply)) return undefined;
  const [, id, payload] = TOKEN_VALUE.exec(String(reply[0])) ?? [];
  const remainingMs = Number(reply[1]);
  if (id === undefined || payload === undefined || !(remainingMs > 0)) return undefined;
  return { id, payload, remainingMs };
}

function notice(change: StoreChange): string {
  return JSON.stringify(change);
}

/** At least 1 ms: a lease always expires. */
function holdTime(holdMs: number): string {
  return String(Math.max(1, wholeMs(holdMs)));
}

/** Some clients are set to return numbers as text. */
function isDone(reply: unknown): boolean {
  return Number(reply) === 1;
}

/** A brace in the key would end the part that chooses the slot. No two keys become one. */
function escapeBraces(key: string): string {
  return key.replace(/[%{}]/g, encodeURIComponent);
}

function checkPrefix(prefix: unknown): string {
  if (typeof prefix === "string" && !/[{}]/.test(prefix)) return prefix;
  const message = "The option prefix must be a string without braces: they mark what chooses the hash slot.";
  throw new TokenError("invalid_options", { message });
}

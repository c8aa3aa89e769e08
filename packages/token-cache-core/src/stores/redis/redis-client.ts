import { TokenError } from "../../contract/token-error.ts";

/** What the store uses of an ioredis client, version 5 or 6: `Redis` (also by Sentinel) or `Cluster`. */
export interface IoRedisClient {
  /** Runs a script by its hash. */
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Runs a script. */
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** What the store uses of a node-redis client, version 5 or 6: single, pool, Sentinel or Cluster. */
export interface NodeRedisClient {
  /** Runs a script by its hash. */
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** Runs a script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** Any client that can run the store's scripts. */
export type RedisClient = IoRedisClient | NodeRedisClient;

/** A Lua script, run by its hash, and in full only if the server does not know it yet. */
export interface RedisScript {
  run(client: RedisClient, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** A script for Redis 5 and later, and Valkey. Its keys are of one hash slot, so that it runs in a Cluster. */
export function redisScript(lua: string): RedisScript {
  let sha1: Promise<string> | undefined;
  return {
    async run(client, keys, args) {
      const { byHash, inFull } = runners(client, keys, args);
      sha1 ??= sha1Hex(lua);
      try {
        return await byHash(await sha1).catch((error: unknown) => {
          // A restart, a failover or SCRIPT FLUSH empties the script cache.
          if (!isUnknownScript(error)) throw error;
          return inFull(lua);
        });
      } catch (error) {
        throw explained(error);
      }
    },
  };
}

/** @throws TokenError `invalid_options` */
export function checkRedisClient(client: unknown): RedisClient {
  if (typeof client === "object" && client !== null && ("evalSha" in client || "evalsha" in client)) {
    return client as RedisClient;
  }
  const message = "The option client must be an ioredis client or a node-redis client.";
  throw new TokenError("invalid_options", { message });
}

/** How each kind of client runs a script by its hash and in full. */
function runners(client: RedisClient, keys: readonly string[], args: readonly string[]) {
  if ("evalSha" in client) {
    const options = { keys: [...keys], arguments: [...args] };
    return {
      byHash: (sha1: string) => client.evalSha(sha1, options),
      inFull: (lua: string) => client.eval(lua, options),
    };
  }
  return {
    byHash: (sha1: string) => client.evalsha(sha1, keys.length, ...keys, ...args),
    inFull: (lua: string) => client.eval(lua, keys.length, ...keys, ...args),
  };
}

/** The same error; or one that says what to do, if a setting has to be changed. */
function explained(error: unknown): unknown {
  const match = /^(NOAUTH|WRONGPASS|NOPERM)\b|can't run this command/.exec(error instanceof Error ? error.message : "");
  if (match === null) return error;
  const message =
    `Redis refuses the store's commands (${match[1] ?? "NOPERM"}). Give the client a user and password that may run ` +
    "+evalsha +eval +get +set +del +pttl +pexpire on the store's keys. Shared rate limits need " +
    "+time +hmget +hset +hdel +zadd +zremrangebyscore +zcard too.";
  return new TokenError("invalid_options", { message });
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("NOSCRIPT");
}

async function sha1Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

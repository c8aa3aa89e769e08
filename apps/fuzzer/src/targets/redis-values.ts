import { TokenCache } from "@x/token-cache-core";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { type RedisClient, redisStore } from "@x/token-cache-core/redis";
import fc from "fast-check";
import { Redis } from "ioredis6";
// A relative path, since core's tests use it too, and core depends on nothing that depends on core.
import {
  redisServerPath,
  startRedis,
} from "../../../../packages/token-cache-core/src/stores/redis/redis-servers.test-support.ts";
import { ENCRYPTION_KEY, identity } from "../shared-tokens.ts";
import { must, type Target } from "../target.ts";

/** An entry of another version of this package is left alone: there is none among these. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((raw) => Buffer.from(raw)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.constantFrom("x", "{}", "e1.0", '{"value":"x"}'))
    .map(([id, payload]) => Buffer.concat([Buffer.from(id), Buffer.from(` ${payload}`)])),
  fc
    .constantFrom("\xff x", "\xff\xfe e1.00000000.AAAA", "0123456789abcdef {}", "", " ", "x", "0123456789abcdef ")
    .map((text) => Buffer.from(text, "latin1")),
);

const cases = fc.record({
  value: bytes,
  valueMs: fc.constantFrom(undefined, 60_000, 3_600_000_000),
  /** The value in place of the lease, with an expiry or without. */
  lease: fc.option(fc.constantFrom("", "owner", "\xff"), { nil: undefined, freq: 2 }),
  isEncrypted: fc.boolean(),
});

/** Scripts for one token of a first process, or of a second one that takes it over. */
const MOST_SCRIPTS = 25;
/** A flight that waits for a lease that never ends waits for two thirds of this. */
const FLIGHT_MS = 30_000;
const LONGEST_MS = 10_000;

export const redisValues: Target = {
  name: "redis-values",
  input: "Raw bytes in a real Redis in the place of a token, and leases without an expiry.",
  rule: "Whatever lies in Redis in a token's or lease's place, a token comes soon, after few scripts, and takes its place.",
  shortRuns: 60,
  async open() {
    if (redisServerPath === undefined) throw new Error("There is no redis-server. Install it, or set REDIS_SERVER.");
    const server = await startRedis();
    const redis = new Redis({ port: server.port, host: "127.0.0.1" });
    let count = 0;
    return {
      property: fc.asyncProperty(cases, async ({ value, valueMs, lease, isEncrypted }) => {
        const [first, second] = [identity("seller"), identity("seller")];
        const prefix = `case-${++count}:`;
        const place = `${prefix}{${first.key}}`;
        await (valueMs === undefined
          ? redis.set(`${place}:token`, value)
          : redis.set(`${place}:token`, value, "PX", valueMs));
        if (lease !== undefined) await redis.set(`${place}:lease`, Buffer.from(lease, "latin1"));
        const took = await tokenOf(first, redis, prefix, isEncrypted);
        must(first.issued.length === 1, `The first process has issued ${first.issued.length} tokens.`);
        const tookAgain = await tokenOf(second, redis, prefix, isEncrypted);
        must(second.issued.length === 0, "The token has not taken the place of what lay there.");
        must(Math.max(took, tookAgain) <= LONGEST_MS, `A token took ${Math.max(took, tookAgain)} ms.`);
      }),
      async close() {
        redis.disconnect();
        await server.stop();
      },
    };
  },
};

/** Gets one token with an empty memory, as a new process does. Returns how long it took, in ms. */
async function tokenOf(
  source: ReturnType<typeof identity>,
  redis: Redis,
  prefix: string,
  isEncrypted: boolean,
): Promise<number> {
  let scripts = 0;
  // Beyond the limit nothing is answered: an endless loop of answers would keep the rule from being checked.
  const counted = <T>(run: () => Promise<T>) => (++scripts > MOST_SCRIPTS ? new Promise<T>(() => {}) : run());
  const client: RedisClient = {
    evalsha: (sha1: string, keys: number, ...args: string[]) => counted(() => redis.evalsha(sha1, keys, ...args)),
    eval: (script: string, keys: number, ...args: string[]) => counted(() => redis.eval(script, keys, ...args)),
  };
  const store = redisStore({ client, prefix });
  const keys = [ENCRYPTION_KEY];
  await using cache = new TokenCache({
    store: isEncrypted ? encryptedStore(store, { keys }) : store,
    flightTimeoutMs: FLIGHT_MS,
    storeTimeoutMs: 5_000,
  });
  const began = performance.now();
  await cache.getToken(source);
  must(scripts <= MOST_SCRIPTS, `One token took more than ${MOST_SCRIPTS} scripts.`);
  return performance.now() - began;
}

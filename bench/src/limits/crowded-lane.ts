import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { Redis } from "ioredis";
import { importFromContenders } from "../clients/contenders.ts";
import { callInChild } from "../processes/child-process.ts";
import { startRedis } from "../processes/redis-server.ts";
import { type ApiCounts, type ApiLimit, startRateLimitedApi } from "./rate-limited-api.ts";

export const PROCESSES = 8;

/** How the processes keep the limit. */
export type Way = "Redis" | "SQLite" | "not shared" | "bottleneck" | "nothing";

export interface Scenario {
  readonly way: Way;
  readonly limit: ApiLimit;
  /** For all processes together. */
  readonly calls: number;
  /** The share of the limit that another system spends. */
  readonly otherShare?: number;
  /** When Redis is killed, in ms. */
  readonly killAfterMs?: number;
}

export interface Outcome extends ApiCounts {
  readonly failed: number;
}

/** Eight processes call one API as fast as they can. */
export async function runCrowd({ way, limit, calls, otherShare, killAfterMs }: Scenario): Promise<Outcome> {
  const api = await startRateLimitedApi(limit, { otherShare });
  const folder = await mkdtemp(join(tmpdir(), "bench-limits-"));
  const redis = way === "Redis" || way === "bottleneck" ? await startRedis() : undefined;
  const killing = killAfterMs === undefined ? undefined : sleep(killAfterMs).then(() => redis?.stop());
  try {
    const input: ProcessInput = {
      way,
      origin: api.origin,
      redisPort: redis?.port ?? 0,
      file: join(folder, "tokens.db"),
      calls: calls / PROCESSES,
      perSecond: limit.perSecond,
    };
    const timeoutMs = (calls / limit.perSecond) * 10_000 + 60_000;
    const failures = await Promise.all(
      Array.from({ length: PROCESSES }, () => callInChild(import.meta.url, sendCalls, input, { timeoutMs })),
    );
    return { ...api.counts(), failed: failures.reduce((sum, each) => sum + each, 0) };
  } finally {
    await killing;
    await redis?.stop();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface ProcessInput {
  readonly way: Way;
  readonly origin: string;
  readonly redisPort: number;
  readonly file: string;
  readonly calls: number;
  readonly perSecond: number;
}

type Send = () => Promise<Response>;

/** Runs in each process. Returns how many calls were not answered with success. */
export async function sendCalls(input: ProcessInput): Promise<number> {
  const { send, end } = await connect(input);
  const statuses = await Promise.all(
    Array.from({ length: input.calls }, () =>
      send().then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        () => 0,
      ),
    ),
  );
  await end();
  return statuses.filter((status) => status !== 200).length;
}

async function connect(input: ProcessInput): Promise<{ send: Send; end(): Promise<void> }> {
  const { way, origin, redisPort, perSecond } = input;
  const url = `${origin}/v1/orders`;
  if (way === "nothing") return { send: () => fetch(url), end: async () => {} };
  if (way === "bottleneck") {
    const { connectLimiter } = await importFromContenders<BottleneckModule>("bottleneck");
    const limiter = await connectLimiter(redisPort, perSecond);
    return { send: () => limiter.schedule(() => fetch(url)), end: limiter.end };
  }
  const { store, end } = openStore(input);
  const cache = new TokenCache({ store, storeTimeoutMs: 1_000 });
  const auth = createNaverCommerceAuth({
    clientId: "limits",
    clientSecret: "$2a$04$abcdefghijklmnopqrstuv",
    tokenUrl: `${origin}/token`,
    apiBaseUrl: origin,
    rateLimit: { maxWaitMs: 3_600_000 },
    cache,
  });
  return {
    send: () => auth.fetch(url),
    async end() {
      await cache.close();
      await end();
    },
  };
}

interface BottleneckModule {
  connectLimiter(
    redisPort: number,
    perSecond: number,
  ): Promise<{ schedule(work: Send): Promise<Response>; end(): Promise<void> }>;
}

function openStore({ way, redisPort, file }: ProcessInput): { store: TokenStore | undefined; end(): Promise<void> } {
  if (way === "SQLite") {
    const store = sqliteStore({ path: file });
    return { store, end: async () => store.close?.() };
  }
  if (way !== "Redis") return { store: undefined, end: async () => {} };
  const client = new Redis({ host: "127.0.0.1", port: redisPort, maxRetriesPerRequest: 1 });
  client.on("error", () => {});
  return { store: redisStore({ client }), end: async () => client.disconnect() };
}

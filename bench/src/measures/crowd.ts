import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { TokenCache } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { Redis } from "ioredis";
import { importFromContenders } from "../clients/contenders.ts";
import type { ConnectShared, Endpoint } from "../clients/token-client.ts";
import { type PlainToken, requestToken } from "../clients/token-request.ts";
import { type Measure, rowsOf } from "../measure.ts";
import { messageFrom, startChild } from "../processes/child-process.ts";
import { type RedisServer, startRedis } from "../processes/redis-server.ts";
import { behave, newEndpoint, stateOf } from "../processes/token-endpoint.ts";
import { failure, figure, spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

const PROCESSES = 8;
const CALLERS = 1_000;
const DELAY_MS = 50;

const OURS = "ours";
const LOCK = "a 30-line lock with polling";
const OTHERS = ["bentocache", "cacheable", "cache-manager"];

export const crowd: Measure = {
  name: "crowd",
  title: "8 processes of 1,000 callers each, a cold Redis",
  explanation:
    `The endpoint takes ${DELAY_MS} ms. All processes start at the same moment. Their memory and Redis are empty, their ` +
    "connections are open, and each process has issued one token before. The wall time is that of the last process to " +
    "have all its tokens. The contenders take turns in the same eight processes.",
  isQuick: true,
  async run({ quick, server, progress }) {
    const redis = await startRedis();
    const processes = Array.from({ length: PROCESSES }, () =>
      startChild(import.meta.url, joinCrowd, { redisPort: redis.port }),
    );
    try {
      const children = processes.map(({ child }) => child);
      await Promise.all(children.map((child) => messageFrom(child)));
      const names = quick ? [OURS] : [OURS, LOCK, ...OTHERS];
      return reportOf(names, await takeTurns(names, children, server.origin, quick ? 3 : 15, progress), redis);
    } finally {
      for (const { end } of processes) end();
      await redis.stop();
    }
  },
};

/** The figures of each run. */
interface Runs {
  readonly wallMs: number[];
  readonly requests: number[];
}

/** What the parent sends: first the contender to prepare, then the start. */
type Order = { readonly prepare: string; readonly endpoint: Endpoint } | "go";

async function takeTurns(
  names: readonly string[],
  children: readonly ChildProcess[],
  origin: string,
  runs: number,
  progress: (text: string) => void,
) {
  const results = new Map<string, Runs>(names.map((name) => [name, { wallMs: [], requests: [] }]));
  const failures = new Map<string, string>();
  for (let run = 0; run <= runs; run++) {
    progress(run === 0 ? "warm-up" : `run ${run} of ${runs}`);
    for (const [name, { wallMs, requests }] of results) {
      try {
        if (run === 0) {
          await warmUp(name);
        } else {
          const one = await once(name);
          wallMs.push(one.wallMs);
          requests.push(one.requests);
        }
      } catch (error) {
        failures.set(name, failure(error));
        results.delete(name);
      }
    }
  }
  return { results, failures };

  /** Each process loads and compiles by a first issue of its own. */
  async function warmUp(name: string): Promise<void> {
    for (const child of children) {
      await send({ prepare: name, endpoint: newEndpoint(origin) }, [child]);
      await send("go", [child]);
    }
  }

  async function once(name: string): Promise<{ wallMs: number; requests: number }> {
    const endpoint = newEndpoint(origin);
    await behave(endpoint, { delayMs: DELAY_MS });
    await send({ prepare: name, endpoint });
    const walls = await send<{ wallMs: number }>("go");
    const { tokenRequests } = await stateOf(endpoint);
    return { wallMs: Math.max(...walls.map(({ wallMs }) => wallMs)), requests: tokenRequests };
  }

  function send<Answer>(order: Order, to = children): Promise<Answer[]> {
    return Promise.all(
      to.map((child) => {
        const answer = messageFrom<Answer>(child);
        child.send(order);
        return answer;
      }),
    );
  }
}

function reportOf(names: readonly string[], outcomes: Awaited<ReturnType<typeof takeTurns>>, redis: RedisServer) {
  const { results, failures } = outcomes;
  const our = results.get(OURS);
  if (our === undefined) throw new Error(failures.get(OURS));
  const lock = results.get(LOCK);
  const ratio = lock && ratios(our.wallMs, lock.wallMs);
  const requests = Math.max(...our.requests);
  return {
    data: Object.fromEntries(results),
    tables: [
      {
        title: `Redis ${redis.version}`,
        columns: ["", "token requests", "wall, ms", "× the lock with polling"],
        rows: rowsOf(names, outcomes, (runs) => [
          spread(summarize(runs.requests)),
          spread(summarize(runs.wallMs)),
          lock === undefined ? "" : times(ratios(runs.wallMs, lock.wallMs)),
        ]),
      },
    ],
    targets: [
      { wanted: "1 request", reached: figure(requests), isMet: requests === 1, isExact: true },
      ...(ratio
        ? [{ wanted: "no longer than the lock with polling", reached: times(ratio), isMet: ratio.median <= 1 }]
        : []),
    ],
  };
}

/** Runs in each of the eight processes: prepares a contender and starts its callers, as the parent orders. */
export async function joinCrowd({ redisPort }: { redisPort: number }): Promise<void> {
  const client = new Redis({ host: "127.0.0.1", port: redisPort });
  const store = redisStore({ client, subscriber: client.duplicate({ autoResubscribe: false }) });
  let lastCache: TokenCache | undefined;
  let getToken: () => Promise<unknown> = async () => {};

  process.on("message", async (order: Order) => {
    if (order !== "go") {
      getToken = await prepare(order.prepare, order.endpoint);
      process.send?.({ isReady: true });
      return;
    }
    const began = performance.now();
    await Promise.all(Array.from({ length: CALLERS }, () => getToken()));
    process.send?.({ wallMs: performance.now() - began });
  });
  await client.ping();

  async function prepare(name: string, endpoint: Endpoint): Promise<() => Promise<unknown>> {
    if (name === OURS) return prepareOurs(endpoint);
    if (name === LOCK) return lockWithPolling(endpoint, client);
    const { connectShared } = await importFromContenders<{ connectShared: ConnectShared }>(name);
    return connectShared(endpoint, redisPort);
  }

  async function prepareOurs({ clientId, clientSecret, tokenUrl }: Endpoint) {
    await lastCache?.close();
    // A busy machine may stall a process for longer than the default timeout. The cache then continues without the
    // store, which is right, but is not what this measures.
    const cache = new TokenCache({ store, storeTimeoutMs: 10_000 });
    lastCache = cache;
    const auth = createTossShoppingAuth({ accessKey: clientId, secretKey: clientSecret, tokenUrl, cache });
    return () => auth.getToken();
  }
}

/**
 * What an application writes without a library: SET NX for a lock, and polling for the token while another process holds
 * it. The holder looks for a token once more, since another one may have released the lock since the last look.
 */
function lockWithPolling(endpoint: Endpoint, client: Redis): () => Promise<unknown> {
  let token: PlainToken | undefined;
  let pending: Promise<PlainToken> | undefined;
  const key = `lock-with-polling:${endpoint.clientId}`;

  async function find(): Promise<PlainToken> {
    for (;;) {
      const found = await client.get(key);
      if (found !== null) return JSON.parse(found) as PlainToken;
      if ((await client.set(`${key}:lock`, process.pid, "PX", 10_000, "NX")) === "OK") {
        try {
          const foundNow = await client.get(key);
          if (foundNow !== null) return JSON.parse(foundNow) as PlainToken;
          const issued = await requestToken(endpoint);
          await client.set(key, JSON.stringify(issued), "PX", (issued.expires_in - 60) * 1_000);
          return issued;
        } finally {
          await client.del(`${key}:lock`);
        }
      }
      await sleep(10);
    }
  }

  return async () => {
    if (token !== undefined) return token;
    pending ??= find();
    token = await pending;
    return token;
  };
}

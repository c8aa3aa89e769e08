import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { TokenCache, type TokenStore } from "@x/token-cache-core";
import { memoryStore } from "@x/token-cache-core/testing";

const CALLS = 10_000;
const RUNS = 41;

/** A wide lane that never fills: only the added time is measured. */
const WIDE = {
  "gncp-gw-ratelimit-replenish-rate": "1000000",
  "gncp-gw-ratelimit-burst-capacity": "1000000",
  "gncp-gw-ratelimit-remaining": "999999",
};

/** Runs in a process of its own: µs of CPU per call with and without lanes, in turns. The answer is there at once. */
export async function callsWithRoom(): Promise<{ readonly limited: number[]; readonly unlimited: number[] }> {
  const cache = new TokenCache();
  const withLanes = authOf(cache, WIDE, { maxWaitMs: 10_000 });
  const without = authOf(cache, WIDE, false);
  const times: { limited: number[]; unlimited: number[] } = { limited: [], unlimited: [] };
  for (let run = -5; run < RUNS; run++) {
    const order = [
      ["limited", withLanes],
      ["unlimited", without],
    ] as const;
    for (const [name, auth] of run % 2 === 0 ? order : order.toReversed()) {
      const began = process.cpuUsage();
      for (let call = 0; call < CALLS; call++) await auth.fetch(URL_OF_API);
      const { user, system } = process.cpuUsage(began);
      if (run >= 0) times[name].push((user + system) / CALLS);
    }
  }
  await cache.close();
  return times;
}

/** Store requests per call in a lane of 50 a second. `perSecond`: how often each process calls. */
export async function storeTrips() {
  const cases = [
    { processes: 1, perSecond: 25 },
    { processes: 1, perSecond: 3 },
    { processes: 8, perSecond: 5 },
    { processes: 8, perSecond: 3 },
  ];
  const trips = [];
  for (const each of cases) trips.push({ ...each, perCall: await storeTripsPerCall(each.processes, each.perSecond) });
  return trips;
}

async function storeTripsPerCall(processes: number, perSecond: number): Promise<number> {
  let trips = 0;
  const store = memoryStore();
  const counting: TokenStore = {
    ...store,
    take: async (...of) => {
      trips++;
      return (await store.take?.(...of)) as Awaited<ReturnType<NonNullable<TokenStore["take"]>>>;
    },
  };
  const headers = {
    "gncp-gw-ratelimit-replenish-rate": "50",
    "gncp-gw-ratelimit-burst-capacity": "50",
    "gncp-gw-ratelimit-remaining": "49",
  };
  const caches = Array.from({ length: processes }, () => new TokenCache({ store: counting }));
  let calls = 0;
  const callAll = caches.map(async (cache, index) => {
    const auth = authOf(cache, headers, { maxWaitMs: 60_000 });
    await auth.fetch(URL_OF_API);
    await new Promise((resolve) => setTimeout(resolve, 500 + (index * 1_000) / perSecond / processes));
    if (index === 0) trips = 0;
    for (let call = 0; call < 8 * perSecond; call++) {
      await auth.fetch(URL_OF_API);
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 1_000 / perSecond));
    }
  });
  await Promise.all(callAll);
  await Promise.all(caches.map((cache) => cache.close()));
  return trips / calls;
}

const URL_OF_API = "https://api.commerce.naver.com/external/v1/orders";

function authOf(cache: TokenCache, headers: Record<string, string>, rateLimit: { maxWaitMs: number } | false) {
  const token = JSON.stringify({ access_token: "token", expires_in: 10_800, token_type: "Bearer" });
  return createNaverCommerceAuth({
    clientId: "limits",
    clientSecret: "$2a$04$abcdefghijklmnopqrstuv",
    cache,
    rateLimit,
    fetch: async (input) =>
      new Response(String(input).endsWith("/token") ? token : "{}", {
        headers: String(input).endsWith("/token") ? {} : headers,
      }),
  });
}

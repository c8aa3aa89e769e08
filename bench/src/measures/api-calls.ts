import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { newEndpoint } from "../processes/token-endpoint.ts";
import { spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

/** In one process, the code that V8 happens to compile matters as much as what is measured. */
const PROCESSES = 12;
const RUNS = 80;
const WARM_UP_RUNS = 20;
const CALLS = 100;

export const apiCalls: Measure = {
  name: "api-calls",
  title: "auth.fetch against bare fetch",
  explanation:
    "The same GET of a small JSON response on loopback with the same Authorization header, by auth.fetch and by the " +
    `platform's fetch. They take turns of ${CALLS} calls and change places, in ${PROCESSES} processes. Calls one after ` +
    "another show the latency, 50 at a time the throughput. A loopback response takes a fraction of a millisecond. Over a " +
    "network, the share of auth.fetch is far smaller.",
  isQuick: false,
  async run({ server }) {
    const oneByOne: Turns = { bare: [], ours: [] };
    const fiftyAtOnce: Turns = { bare: [], ours: [] };
    for (let process = 0; process < PROCESSES; process++) {
      const found = await callInChild(import.meta.url, callsInTurns, { origin: server.origin });
      for (const who of ["bare", "ours"] as const) {
        oneByOne[who].push(...found.oneByOne[who]);
        fiftyAtOnce[who].push(...found.fiftyAtOnce[who]);
      }
    }
    const ways = [
      ["one after another", oneByOne],
      ["50 at a time", fiftyAtOnce],
    ] as const;
    return {
      data: { oneByOne, fiftyAtOnce },
      tables: [
        {
          columns: ["", "fetch, ms per call", "auth.fetch, ms per call", "ratio"],
          rows: ways.map(([name, { bare, ours }]) => [
            name,
            spread(summarize(bare)),
            spread(summarize(ours)),
            times(ratios(ours, bare)),
          ]),
        },
      ],
      targets: ways.map(([name, { bare, ours }]) => {
        const ratio = ratios(ours, bare);
        return { wanted: `at most 5 % more, ${name}`, reached: times(ratio), isMet: ratio.median <= 1.05 };
      }),
    };
  },
};

/** The figures of each run, in ms per call. */
type Turns = Record<"bare" | "ours", number[]>;

/** Runs in a process of its own: `auth.fetch` and a bare `fetch` with the same header, in turns. */
export async function callsInTurns({ origin }: { origin: string }) {
  const { apiUrl, tokenUrl, clientId, clientSecret } = newEndpoint(origin);
  // A bare fetch keeps no rate limit. The cost of a turn is measured in "limits".
  const limits = { rateLimit: false } as const;
  const keys = { accessKey: clientId, secretKey: clientSecret };
  const auth = createTossShoppingAuth({ ...keys, ...limits, tokenUrl, apiBaseUrl: apiUrl });
  const { value } = await auth.getToken();
  const headers = { authorization: `Bearer ${value}` };
  const bare = async () => void (await (await fetch(apiUrl, { headers })).text());
  const ours = async () => void (await (await auth.fetch(apiUrl)).text());

  const oneByOne: Turns = { bare: [], ours: [] };
  const fiftyAtOnce: Turns = { bare: [], ours: [] };
  for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
    // The second one pays for the first one's garbage, so they change places.
    const order = run % 2 === 0 ? (["bare", "ours"] as const) : (["ours", "bare"] as const);
    for (const atOnce of [1, 50]) {
      for (const who of order) {
        const ms = await msPerCall(who === "bare" ? bare : ours, atOnce);
        if (run >= 0) (atOnce === 1 ? oneByOne : fiftyAtOnce)[who].push(ms);
      }
    }
  }
  return { oneByOne, fiftyAtOnce };
}

async function msPerCall(call: () => Promise<void>, atOnce: number): Promise<number> {
  const began = performance.now();
  let left = CALLS;
  const worker = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return (performance.now() - began) / CALLS;
}

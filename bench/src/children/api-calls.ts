// `auth.fetch` and a bare `fetch` with the same header, against the same loopback API, in turns.

import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { asChild } from "../child-process.ts";
import { newEndpoint } from "../token-endpoint.ts";

export interface ApiCallsInput {
  readonly origin: string;
  readonly runs: number;
  readonly calls: number;
}

/** Of each run, ms per call: one after another, and 50 at a time. */
export interface ApiCallsResult {
  readonly oneByOne: { readonly bare: number[]; readonly ours: number[] };
  readonly fiftyAtOnce: { readonly bare: number[]; readonly ours: number[] };
}

/** Until everything is compiled. */
const WARM_UP_RUNS = 20;

await asChild(async ({ origin, runs, calls }: ApiCallsInput): Promise<ApiCallsResult> => {
  const { apiUrl, tokenUrl, clientId, clientSecret } = newEndpoint(origin);
  const auth = createTossShoppingAuth({ accessKey: clientId, secretKey: clientSecret, tokenUrl, apiBaseUrl: apiUrl });
  const { value } = await auth.getToken();
  const headers = { authorization: `Bearer ${value}` };
  const bare = async () => void (await (await fetch(apiUrl, { headers })).text());
  const ours = async () => void (await (await auth.fetch(apiUrl)).text());

  const result: ApiCallsResult = { oneByOne: { bare: [], ours: [] }, fiftyAtOnce: { bare: [], ours: [] } };
  for (let run = -WARM_UP_RUNS; run < runs; run++) {
    // Whoever goes second finds what the first one left to collect: so they change places.
    const order = run % 2 === 0 ? (["bare", "ours"] as const) : (["ours", "bare"] as const);
    for (const atOnce of [1, 50]) {
      for (const who of order) {
        const ms = await msPerCall(who === "bare" ? bare : ours, calls, atOnce);
        if (run >= 0) (atOnce === 1 ? result.oneByOne : result.fiftyAtOnce)[who].push(ms);
      }
    }
  }
  return result;
});

async function msPerCall(call: () => Promise<void>, calls: number, atOnce: number): Promise<number> {
  const began = performance.now();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return (performance.now() - began) / calls;
}

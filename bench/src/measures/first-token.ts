import type { Endpoint } from "../clients/token-client.ts";
import type { Measure } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { newEndpoint } from "../processes/token-endpoint.ts";
import { spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

const RUNS = 21;

export const firstToken: Measure = {
  name: "first-token",
  title: "A fresh process's first token",
  explanation:
    "A fresh process imports a provider, creates its auth and gets a token. It takes turns with a process that sends the " +
    "same request by one bare fetch. Node's own start is in neither figure, which makes the ratio stricter.",
  isQuick: false,
  async run({ server }) {
    const bare: number[] = [];
    const ours: number[] = [];
    const endpoint = newEndpoint(server.origin);
    for (let run = -1; run < RUNS; run++) {
      const bareMs = await callInChild(import.meta.url, msOfBareFetch, endpoint);
      const oursMs = await callInChild(import.meta.url, msOfFirstToken, endpoint);
      if (run < 0) continue;
      bare.push(bareMs);
      ours.push(oursMs);
    }
    const ratio = ratios(ours, bare);
    return {
      data: { bare, ours },
      tables: [
        {
          columns: ["", "ms"],
          rows: [
            ["one bare fetch", spread(summarize(bare))],
            ["ours", spread(summarize(ours))],
            ["ratio", times(ratio)],
          ],
        },
      ],
      targets: [{ wanted: "at most 1.3 × a bare fetch", reached: times(ratio), isMet: ratio.median <= 1.3 }],
    };
  },
};

/** Runs in a process of its own. */
export async function msOfFirstToken({ clientId, clientSecret, tokenUrl }: Endpoint): Promise<number> {
  const began = performance.now();
  const { createTossShoppingAuth } = await import("@x/toss-shopping-auth");
  await createTossShoppingAuth({ accessKey: clientId, secretKey: clientSecret, tokenUrl }).getToken();
  return performance.now() - began;
}

/** Runs in a process of its own. */
export async function msOfBareFetch({ clientId, clientSecret, tokenUrl }: Endpoint): Promise<number> {
  const began = performance.now();
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope: "any" };
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const response = await fetch(tokenUrl, { method: "POST", headers, body: new URLSearchParams(form).toString() });
  await response.json();
  return performance.now() - began;
}

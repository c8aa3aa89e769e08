// What happens when a token comes of age: the clocks are set ahead step by step, and at each step a hundred callers ask.

import { setTimeout as sleep } from "node:timers/promises";
import { asChild } from "../child-process.ts";
import { loadContender } from "../contenders/registry.ts";
import { packForTimeTravel, realNow, travelTo } from "../time-travel.ts";
import { behave, newEndpoint, stateOf } from "../token-endpoint.ts";

export interface RenewalInput {
  readonly contender: string;
  readonly origin: string;
  /** How the endpoint answers the renewal. */
  readonly answers: "ok" | "fail";
}

export interface RenewalResult {
  /** How long before the token's end it was first asked for anew; `undefined`: not before it. */
  readonly beforeEndSeconds: number | undefined;
  readonly requests: number;
  /** Callers that waited for the answer. */
  readonly waited: number;
  /** Callers that got an error though the token was still good. */
  readonly failed: number;
}

const LIFETIME_SECONDS = 3_600;
const CALLERS = 100;
const DELAY_MS = 60;

/** A contender may renew anywhere between halfway and the end, or after it. */
const STEPS_BEFORE_END = [1_700, 1_500, 1_000, 600, 330, 295, 240, 180, 125, 115, 65, 58, 45, 35, 29, 20, 12, 8, 3, -5];

await asChild(async ({ contender, origin, answers }: RenewalInput): Promise<RenewalResult> => {
  packForTimeTravel();
  const endpoint = newEndpoint(origin);
  const client = await (await loadContender(contender)).connect(endpoint);
  await behave(endpoint, { lifetimeSeconds: LIFETIME_SECONDS });
  await client.getToken();
  await client.getToken();
  const primed = (await stateOf(endpoint)).tokenRequests;
  await behave(endpoint, { delayMs: DELAY_MS, kind: answers });

  for (const beforeEndSeconds of STEPS_BEFORE_END) {
    const offsetMs = (LIFETIME_SECONDS - beforeEndSeconds) * 1_000;
    await behave(endpoint, { clockOffsetMs: offsetMs });
    travelTo(offsetMs);
    // Some caches read their clock once per turn of the event loop, or per millisecond.
    await sleep(5);
    const began = realNow();
    const outcomes = await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        const ended = await client.getToken().then(
          (result) => typeof client.valueOf(result) === "string",
          () => false,
        );
        return { isServed: ended, waited: realNow() - began > DELAY_MS * 0.8 };
      }),
    );
    await sleep(DELAY_MS + 60);
    const requests = (await stateOf(endpoint)).tokenRequests - primed;
    if (requests === 0) continue;
    return {
      beforeEndSeconds: beforeEndSeconds > 0 ? beforeEndSeconds : undefined,
      requests,
      waited: outcomes.filter(({ waited }) => waited).length,
      failed: beforeEndSeconds > 0 ? outcomes.filter(({ isServed }) => !isServed).length : 0,
    };
  }
  return { beforeEndSeconds: undefined, requests: 0, waited: 0, failed: 0 };
});

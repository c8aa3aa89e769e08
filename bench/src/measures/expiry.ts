import { setTimeout as sleep } from "node:timers/promises";
import { connectTo, ours } from "../clients/contenders.ts";
import { type Measure, measureEach, required, rowsOf } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { realNow, replaceClocks, setClocksAhead } from "../processes/time-travel.ts";
import { behave, newEndpoint, stateOf } from "../processes/token-endpoint.ts";
import { figure } from "../report/figures.ts";

const LIFETIME_SECONDS = 3_600;
const CALLERS = 100;
const DELAY_MS = 60;

/** A contender may renew anywhere between half of the lifetime and the expiry, or after it. */
const STEPS_BEFORE_EXPIRY = [
  1_700, 1_500, 1_000, 600, 330, 295, 240, 180, 125, 115, 65, 58, 45, 35, 29, 20, 12, 8, 3, -5,
];

export const expiry: Measure = {
  name: "expiry",
  title: "When the token nears its expiry",
  explanation:
    "A token of an hour. The process's clocks are moved ahead step by step towards the expiry, and at each step " +
    `${CALLERS} callers ask at once. The table shows the first step with a token request: how long before the expiry it ` +
    "is, how many callers wait for the response, and how many requests there are.",
  isQuick: true,
  async run({ contenders, server, progress }) {
    const names = contenders.filter(({ keepsTokens }) => keepsTokens).map(({ name }) => name);
    const outcomes = await measureEach(names, (contender) => {
      progress(contender);
      return renewalOf(contender, server.origin, "ok");
    });
    const our = required(outcomes, ours.name);
    return {
      data: Object.fromEntries(outcomes.results),
      tables: [
        {
          columns: ["", "requests before the expiry", "callers that wait", "token requests"],
          rows: rowsOf(names, outcomes, ({ beforeExpirySeconds, waited, requests }) => [
            beforeExpirySeconds === undefined ? "after it" : `${figure(beforeExpirySeconds)} s`,
            `${waited} of ${CALLERS}`,
            figure(requests),
          ]),
        },
      ],
      targets: [
        { wanted: "nobody waits", reached: `${our.waited} of ${CALLERS}`, isMet: our.waited === 0 },
        { wanted: "1 request", reached: figure(our.requests), isMet: our.requests === 1, isExact: true },
      ],
    };
  },
};

export interface Renewal {
  /** How long before the token's expiry the first token request came; `undefined`: not before it. */
  readonly beforeExpirySeconds: number | undefined;
  readonly requests: number;
  /** Callers that waited for the response. */
  readonly waited: number;
  /** Callers that got an error while the token was still valid. */
  readonly failed: number;
}

/** How a contender renews a token, while the endpoint answers the renewal in the given way. */
export function renewalOf(contender: string, origin: string, answers: "ok" | "fail"): Promise<Renewal> {
  return callInChild(import.meta.url, ageToken, { contender, origin, answers });
}

interface RenewalInput {
  readonly contender: string;
  readonly origin: string;
  readonly answers: "ok" | "fail";
}

/** Runs in a process of its own, whose clocks it moves ahead. */
export async function ageToken({ contender, origin, answers }: RenewalInput): Promise<Renewal> {
  replaceClocks();
  const endpoint = newEndpoint(origin);
  const client = await connectTo(contender, endpoint);
  await behave(endpoint, { lifetimeSeconds: LIFETIME_SECONDS });
  await client.getToken();
  await client.getToken();
  const before = (await stateOf(endpoint)).tokenRequests;
  await behave(endpoint, { delayMs: DELAY_MS, kind: answers });

  for (const seconds of STEPS_BEFORE_EXPIRY) {
    const offsetMs = (LIFETIME_SECONDS - seconds) * 1_000;
    await behave(endpoint, { clockOffsetMs: offsetMs });
    setClocksAhead(offsetMs);
    // Some caches read their clock once per turn of the event loop, or once per millisecond.
    await sleep(5);
    const calls = await Promise.all(Array.from({ length: CALLERS }, ask));
    await sleep(DELAY_MS + 60);
    const requests = (await stateOf(endpoint)).tokenRequests - before;
    if (requests === 0) continue;
    const isValid = seconds > 0;
    return {
      beforeExpirySeconds: isValid ? seconds : undefined,
      requests,
      waited: calls.filter(({ waited }) => waited).length,
      failed: isValid ? calls.filter(({ isServed }) => !isServed).length : 0,
    };
  }
  return { beforeExpirySeconds: undefined, requests: 0, waited: 0, failed: 0 };

  async function ask() {
    const began = realNow();
    const isServed = await client.getToken().then(
      (result) => typeof client.valueOf(result) === "string",
      () => false,
    );
    return { isServed, waited: realNow() - began > DELAY_MS * 0.8 };
  }
}

import type { PacedCall, PacingOptions, RateLimitRules } from "../contract/rate-limits.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { TokenEvent } from "../contract/token-events.ts";
import type { TokenStore } from "../contract/token-store.ts";
import type { ManualClock } from "../testing/manual-clock.ts";
import { LaneCallPacer } from "./call-pacer.ts";
import { Lanes, type SharedLanes } from "./lanes.ts";
import { routeTemplate } from "./route-template.ts";

/** A provider that tells its limit in headers and refuses with 429. */
export const rules: RateLimitRules = {
  laneOf: ({ method, url }) => ({
    name: `${method} ${routeTemplate(url.pathname)}`,
    limit: url.pathname.endsWith("/unlimited")
      ? undefined
      : { perSecond: url.pathname.endsWith("/uncounted") ? 50 : 2 },
    oneAtATime: url.pathname.endsWith("/uploads"),
  }),
  read({ headers }) {
    const number = (name: string) => (headers.has(name) ? Number(headers.get(name)) : undefined);
    return {
      perSecond: number("rate"),
      burst: number("burst"),
      remaining: number("remaining"),
      closedForMs: number("closed"),
      warning: headers.get("warning") ?? undefined,
    };
  },
  refusal({ status, headers }) {
    if (status !== 429) return undefined;
    const pause = headers.get("retry-after");
    const retryAfterMs = pause === null ? undefined : Number(pause) * 1_000;
    return { isUnprocessed: !headers.has("perhaps-processed"), retryAfterMs };
  },
  quotaMessage: "The quota is used up.",
};

interface GatewayOptions {
  readonly perSecond?: number;
  readonly burst?: number;
  /** Whether its answers tell the limit. Default true. */
  readonly tells?: boolean;
  /** From sending to arriving, and from there to the answer. */
  readonly latencyMs?: () => number;
}

/** A provider's gateway on a virtual clock: a token bucket for each route. */
export class Gateway {
  readonly arrivals: { readonly at: number; readonly url: string; readonly isRefused: boolean }[] = [];
  readonly #clock: ManualClock;
  readonly #options: Required<Pick<GatewayOptions, "tells" | "latencyMs">>;
  limit: { readonly perSecond: number; readonly burst: number };
  readonly #buckets = new Map<string, { level: number; at: number }>();
  /** Answers in place of the bucket, if it returns something. */
  override: (url: string) => Response | undefined = () => undefined;

  constructor(
    clock: ManualClock,
    { perSecond = 2, burst = 2, tells = true, latencyMs = () => 20 }: GatewayOptions = {},
  ) {
    this.#clock = clock;
    this.#options = { tells, latencyMs };
    this.limit = { perSecond, burst };
  }

  get refusals(): number {
    return this.arrivals.filter(({ isRefused }) => isRefused).length;
  }

  async call(url: string): Promise<Response> {
    await this.#passes(this.#options.latencyMs());
    const response = this.override(url) ?? this.#count(url);
    this.arrivals.push({ at: this.#clock.monotonic(), url, isRefused: response.status === 429 });
    await this.#passes(this.#options.latencyMs());
    return response;
  }

  /** Another system spends a call of the same allowance. */
  spend(url: string): boolean {
    return this.#take(url) !== undefined;
  }

  #count(url: string): Response {
    const remaining = this.#take(url);
    const { perSecond, burst } = this.limit;
    const { tells } = this.#options;
    const headers = { rate: String(perSecond), burst: String(burst), remaining: String(remaining ?? 0) };
    return new Response("{}", { status: remaining === undefined ? 429 : 200, headers: tells ? headers : {} });
  }

  #take(url: string): number | undefined {
    const { perSecond, burst } = this.limit;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(url) ?? { level: burst, at: now };
    const level = Math.min(burst, bucket.level + ((now - bucket.at) * perSecond) / 1_000);
    this.#buckets.set(url, { level: level >= 1 ? level - 1 : level, at: now });
    return level >= 1 ? Math.floor(level - 1) : undefined;
  }

  #passes(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimer(resolve, ms));
  }
}

/** Lets virtual time pass in small steps, and what waits for it happen. */
export async function pass(clock: ManualClock, ms: number, stepMs = 5): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    // Chains of promises are longer than one turn of the event loop.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets time pass until a promise is settled. */
export async function passUntil<T>(clock: ManualClock, outcome: Promise<T>, stepMs = 5): Promise<T> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  outcome.then(settle, settle);
  while (!isSettled) await pass(clock, stepMs, stepMs);
  return outcome;
}

/** One process: its lanes, and calls through them. */
export function startProcess(
  clock: ManualClock,
  gateway: Gateway,
  store?: TokenStore,
  {
    sharedQueues = true,
    maxWaitMs = 600_000,
    resendAnyMethod = false,
  }: Partial<PacingOptions> & { readonly sharedQueues?: boolean } = {},
) {
  const events: TokenEvent[] = [];
  const lanes = new Lanes({
    clock,
    shared: store && sharing(store),
    sharedQueues,
    observe: (event) => events.push(event),
  });
  const owner = { provider: "test", group: "test:https://api.test:0123", rules };
  const paced = new LaneCallPacer(lanes);
  return {
    events,
    end: (reason: TokenError) => lanes.end(reason),
    call(
      path = "/v1/orders",
      call: { identity?: string; method?: string; signal?: AbortSignal; canResend?: boolean } = {},
    ) {
      const url = new URL(path, "https://api.test");
      const { identity = "seller", method = "GET", signal, canResend = true } = call;
      const budget = { leftMs: maxWaitMs };
      const send: PacedCall["send"] = async (answered) => answered(await gateway.call(url.href));
      return paced.send({ owner, method, url, identity, signal, canResend, resendAnyMethod, budget, send });
    },
  };
}

/** The store as lanes see it, without a circuit breaker. */
function sharing(store: TokenStore): SharedLanes {
  return {
    take: async (...of) => await store.take?.(...of).catch(() => undefined),
    lease: async (key) => {
      const lease = await store.lease?.(key, 3_000);
      return lease && { end: () => void lease.release() };
    },
  };
}

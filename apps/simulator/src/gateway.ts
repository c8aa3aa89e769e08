import type { RateLimitRules } from "@x/token-cache-core/rate-limit";
import { allowanceOf, type LaneName, type Limits } from "./limits.ts";
import type { World } from "./world.ts";

const API_LANES: readonly LaneName[] = ["reads", "orders", "uploads"];

const WINDOW_MS = 1_000;

/** What the provider answers to a call that it counts. */
export interface CountedAnswer {
  readonly status: 200 | 429;
  readonly headers: Record<string, string>;
}

/** Counts API calls where they arrive, by true time. */
export class Gateway {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #buckets = new Map<string, { level: number; at: number }>();
  readonly #windows = new Map<string, number[]>();

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
    const { others } = limits;
    if (others !== undefined) for (const lane of API_LANES) world.at(others.from, () => this.#spend(lane));
  }

  answer(lane: LaneName): CountedAnswer {
    const { quota, saysUnprocessed, saysRetryAfter } = this.#limits;
    const { perSecond, burst } = allowanceOf(this.#limits, lane);
    const { now } = this.#world;
    if (quota !== undefined && quota.from <= now && now < quota.to) {
      const closedMs = Math.max(500, (quota.to - now) * quota.toldShare);
      return { status: 429, headers: { unprocessed: "yes", closed: String(Math.ceil(closedMs)) } };
    }
    const remaining = this.#take(lane);
    const told =
      burst === undefined
        ? {}
        : { rate: String(perSecond), burst: String(burst), remaining: String(Math.max(0, remaining)) };
    if (remaining >= 0) return { status: 200, headers: told };
    return {
      status: 429,
      headers: { ...told, ...(saysUnprocessed && { unprocessed: "yes" }), ...(saysRetryAfter && { wait: "1000" }) },
    };
  }

  /** Another system calls as well. */
  #spend(lane: LaneName): void {
    const { others, perSecond } = this.#limits;
    if (others === undefined || this.#world.now > others.to) return;
    this.#take(lane);
    this.#world.after(1_000 / (perSecond * others.share), () => this.#spend(lane));
  }

  /** How many calls may follow; below 0: this one is one too many. */
  #take(lane: LaneName): number {
    const { perSecond, burst } = allowanceOf(this.#limits, lane);
    const { now } = this.#world;
    if (burst === undefined) {
      const window = (this.#windows.get(lane) ?? []).filter((at) => at > now - WINDOW_MS);
      if (window.length < perSecond) window.push(now);
      else return -1;
      this.#windows.set(lane, window);
      return perSecond - window.length;
    }
    const bucket = this.#buckets.get(lane) ?? { level: burst, at: now };
    const level = Math.min(burst, bucket.level + ((now - bucket.at) * perSecond) / 1_000);
    const hasRoom = level >= 1;
    this.#buckets.set(lane, { level: hasRoom ? level - 1 : level, at: now });
    return hasRoom ? Math.floor(level - 1) : -1;
  }
}

/** The lane of an API call. */
export function laneOf({ method, url }: { readonly method: string; readonly url: URL }): LaneName {
  if (method === "GET") return "reads";
  return url.pathname.endsWith("/uploads") ? "uploads" : "orders";
}

/** What the provider's documents say, and how to read its headers. */
export function rateLimitRules(limits: Limits): RateLimitRules {
  const documented = (lane: LaneName) => {
    const { perSecond, burst } = allowanceOf(limits, lane);
    const share = limits.documentedShare;
    const limit = { perSecond: perSecond * share, burst: burst === undefined ? undefined : Math.max(1, burst * share) };
    return { name: lane, limit, oneAtATime: lane === "uploads" };
  };
  return {
    laneOf: (call) => documented(laneOf(call)),
    tokenRequests: limits.tokens && documented("tokens"),
    read: ({ headers }) => ({
      perSecond: numberOf(headers, "rate"),
      burst: numberOf(headers, "burst"),
      remaining: numberOf(headers, "remaining"),
    }),
    refusal: ({ status, headers }) =>
      status === 429
        ? {
            isUnprocessed: headers.has("unprocessed"),
            retryAfterMs: numberOf(headers, "wait"),
            closedForMs: numberOf(headers, "closed"),
          }
        : undefined,
  };
}

function numberOf(headers: Headers, name: string): number | undefined {
  const text = headers.get(name);
  return text === null ? undefined : Number(text);
}

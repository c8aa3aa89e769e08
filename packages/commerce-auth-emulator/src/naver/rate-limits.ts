import { RequestWindows } from "../provider/request-windows.ts";
import { type BucketLimit, type Taken, TokenBuckets } from "../provider/token-buckets.ts";
import type { LimitKind } from "../server/http-message.ts";
import type { VirtualClock } from "../server/virtual-clock.ts";
import { DAY_MS, HOUR_MS, KOREA_OFFSET_MS, MINUTE_MS, SECOND_MS } from "./korean-time.ts";
import { OffFormPenalty, type PenaltyState } from "./off-form-penalty.ts";
import type { CheckedNaverRules, NaverQuota } from "./options.ts";

/** The call that the gateway counts. */
export interface CountedCall {
  readonly clientId: string;
  /** The seller; undefined for the application's own store. */
  readonly accountId: string | undefined;
  /** The API: each has its own bucket. */
  readonly route: string;
}

/** The gateway's decision on one call. */
export interface Admission {
  /** Undefined: the call goes through. */
  readonly refusedBy: Exclude<LimitKind, "concurrency"> | undefined;
  /** The rate and quota headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;
}

const PERIODS_MS = { SECONDS: SECOND_MS, MINUTES: MINUTE_MS, HOURS: HOUR_MS, DAYS: DAY_MS } as const;

/** The quota under the off-form penalty. */
const PENALTY_QUOTA: NaverQuota = { period: "HOURS", limit: 1 };

/** The headers say this without a rate limit. */
const UNLIMITED: BucketLimit = { replenishRate: 1_000_000, burstCapacity: 1_000_000 };

/** The gateway's limits: a token bucket per application and API, a hidden upper tier, quotas and the off-form penalty. */
export class NaverRateLimits {
  readonly penalty: OffFormPenalty;
  readonly #rules: CheckedNaverRules;
  readonly #clock: VirtualClock;
  readonly #buckets: TokenBuckets;
  readonly #hiddenBuckets = new TokenBuckets();
  readonly #tokenBuckets = new TokenBuckets();
  readonly #quotas: RequestWindows;

  constructor(rules: CheckedNaverRules, clock: VirtualClock) {
    this.#rules = rules;
    this.#clock = clock;
    this.penalty = new OffFormPenalty(rules, clock);
    this.#buckets = new TokenBuckets(rules.rateLimit ?? {});
    this.#quotas = new RequestWindows(rules.quotaWindow);
  }

  /** Counts an API call. */
  admitCall(call: CountedCall): Admission {
    const penalty = this.penalty.stateOf(call.clientId);
    const limit = this.#bucketLimit(penalty);
    const { taken, remaining } = this.#buckets.take(this.#bucketKey(call), this.#clock.now(), limit);
    const headers = rateHeaders(limit, remaining);
    if (!taken) return { refusedBy: "rate", headers };
    if (!this.#takeHidden(call.clientId)) return { refusedBy: "hidden-rate", headers };
    const quota = penalty === "active" ? PENALTY_QUOTA : this.#rules.quota;
    if (quota === undefined) return { refusedBy: undefined, headers };
    const left = this.#takeQuota(call.clientId, quota);
    const allHeaders = { ...headers, ...quotaHeaders(quota, left) };
    return { refusedBy: left < 0 ? "quota" : undefined, headers: allHeaders };
  }

  /** Counts a token request. Without a limit there are no headers. */
  admitTokenRequest(clientId: string): Admission {
    const limit = this.#rules.tokenRateLimit;
    if (limit === undefined) return { refusedBy: undefined, headers: {} };
    const { taken, remaining } = this.#tokenBuckets.take(clientId, this.#clock.now(), limit);
    return { refusedBy: taken ? undefined : "rate", headers: rateHeaders(limit, remaining) };
  }

  clear(): void {
    this.penalty.clear();
    for (const counted of [this.#buckets, this.#hiddenBuckets, this.#tokenBuckets, this.#quotas]) counted.clear();
  }

  #bucketLimit(penalty: PenaltyState): BucketLimit {
    const { replenishRate, burstCapacity } = this.#rules.rateLimit ?? UNLIMITED;
    const isHalved = penalty !== "none" && this.#rules.penaltyHerald === "replenish-rate";
    return { replenishRate: isHalved ? Math.max(1, Math.floor(replenishRate / 2)) : replenishRate, burstCapacity };
  }

  #bucketKey({ clientId, accountId, route }: CountedCall): string {
    const counted = this.#rules.rateLimit?.countedBy === "account" ? accountId : undefined;
    return JSON.stringify([clientId, route, counted]);
  }

  #takeHidden(clientId: string): boolean {
    const callsPerSecond = this.#rules.rateLimit?.hiddenCallsPerSecond;
    if (callsPerSecond === undefined) return true;
    const limit = { replenishRate: callsPerSecond, burstCapacity: callsPerSecond };
    const { taken }: Taken = this.#hiddenBuckets.take(clientId, this.#clock.now(), limit);
    return taken;
  }

  #takeQuota(clientId: string, { period, limit }: NaverQuota): number {
    const window = { requests: limit, windowMs: PERIODS_MS[period], offsetMs: KOREA_OFFSET_MS };
    return this.#quotas.take(clientId, this.#clock.now(), window);
  }
}

function rateHeaders({ replenishRate, burstCapacity }: BucketLimit, remaining: number): Record<string, string> {
  return {
    "GNCP-GW-RateLimit-Replenish-Rate": String(replenishRate),
    "GNCP-GW-RateLimit-Burst-Capacity": String(burstCapacity),
    "GNCP-GW-RateLimit-Remaining": String(remaining),
  };
}

/** The quota headers of an answer: those of the penalty when nothing else is said, as Naver documents them. */
export function quotaHeaders(quota: NaverQuota = PENALTY_QUOTA, left = 0): Record<string, string> {
  return {
    "gncp-gw-quota-period": quota.period,
    "gncp-gw-quota-limit": String(quota.limit),
    "gncp-gw-quota-remaining": String(Math.max(0, left)),
  };
}

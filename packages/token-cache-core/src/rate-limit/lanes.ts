import type { ApiAnswer } from "../contract/api-answer.ts";
import type { LaneOwner, LaneRule, RateRefusal } from "../contract/rate-limits.ts";
import type { ApplicationReading } from "../contract/telemetry.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { TokenEvent } from "../contract/token-events.ts";
import type { Clock } from "../time/clock.ts";
import { CallLeases, type LeaseTaker } from "./call-leases.ts";
import { DeadlineQueue } from "./deadline-queue.ts";
import { FairQueue } from "./fair-queue.ts";
import { Lane } from "./lane.ts";
import { checkLaneRule } from "./lane-rule.ts";
import { LearntLimit } from "./learnt-limit.ts";
import { LocalBucket } from "./local-bucket.ts";
import { QuotaGate, type Turn } from "./quota-gate.ts";
import { SharedBucket, type SharedTurns } from "./shared-bucket.ts";
import { type Waiter, WaitingLine } from "./waiting-line.ts";

/** The store, as far as lanes need it. */
export interface SharedLanes extends SharedTurns {
  readonly lease: LeaseTaker;
}

/** What a cache makes its {@link Lanes} from. */
export interface LanesInit {
  readonly clock: Clock;
  /** Default: lanes of this process alone. */
  readonly shared?: SharedLanes | undefined;
  /** Whether a call may wait for another call's request. */
  readonly sharedQueues: boolean;
  observe(event: TokenEvent): void;
}

/** Beyond this number, idle lanes make room for new ones. */
const MOST_LANES_OF_A_GROUP = 1_000;

/** From this number on, idle groups are forgotten: those of applications that have stopped calling. */
const MANY_GROUPS = 500;

/** The lane of the requests that tell the store of a group's closing and opening. */
const QUOTA_LANE = "quota";

const QUOTA_MESSAGE =
  "The application's quota is used up. No call is sent until its period ends. Send fewer calls, or ask the provider for more.";

/** The lanes that one quota closes together. */
interface LaneGroup {
  /** The owner of API calls; a group of token requests has none. */
  readonly application: LaneOwner | undefined;
  readonly gate: QuotaGate;
  /** By the rule's name. */
  readonly lanes: Map<string, WaitingLine>;
}

/** All lanes of a cache, in groups by application. */
export class Lanes {
  readonly clock: Clock;
  /** For calls that go one at a time. */
  readonly leases: CallLeases;
  readonly #init: LanesInit;
  readonly #groups = new Map<string, LaneGroup>();
  /** The number of groups at which to look for idle ones. */
  #sweepAt = MANY_GROUPS;
  /** Made when it is needed: Workers allow nothing random before the first request. */
  #processId: string | undefined;
  #endReason: TokenError | undefined;

  constructor(init: LanesInit) {
    this.#init = init;
    this.clock = init.clock;
    this.leases = new CallLeases(init.shared?.lease, init.clock, init.sharedQueues);
  }

  /** The lane of a call. */
  laneOf(owner: LaneOwner, rule: LaneRule): WaitingLine {
    const group = this.#groups.get(owner.group) ?? this.#addGroup(owner, owner.group);
    return group.lanes.get(rule?.name) ?? this.#addLane(owner, rule, owner.group, group);
  }

  /**
   * The lane of the application's token requests, if the provider counts them. It has a gate of its own: an exhausted quota
   * of API calls stops no token request, but one of token requests stops all calls.
   */
  tokenLaneOf(owner: LaneOwner): WaitingLine | undefined {
    const rule = owner.rules.tokenRequests;
    if (rule === undefined) return undefined;
    const key = `${owner.group} tokens`;
    const group = this.#groups.get(key) ?? this.#addGroup(owner, key);
    return group.lanes.get(rule.name) ?? this.#addLane(owner, rule, key, group);
  }

  /** Whether the application's token requests keep a rate limit. */
  areTokensPaced(owner: LaneOwner): boolean {
    return this.tokenLaneOf(owner)?.lane.limit.limit !== undefined;
  }

  /** Learns from an answer. Returns for how long the lane pauses if the call was refused for its rate, in ms. */
  learn(
    { provider, rules }: LaneOwner,
    line: WaitingLine,
    turn: Turn,
    sentAt: number,
    answer: ApiAnswer,
    refusal: RateRefusal | undefined,
  ): number {
    const { lane } = line;
    const now = this.clock.monotonic();
    const isRead = refusal !== undefined || turn.isProbe || lane.isReadingDue(now);
    if (!isRead) return 0;
    const reading = rules.read?.(answer, this.clock.wall());
    const { isNews, pauseMs } = lane.answered(turn, sentAt, now, reading, refusal);
    if (isNews) {
      line.changed();
      const { perSecond, burst } = lane.limit.limit ?? {};
      const { warning } = reading ?? {};
      if (perSecond !== undefined) {
        this.observe({ type: "limit_learnt", provider, lane: lane.rule.name, perSecond, burst, warning });
      }
    }
    if (pauseMs === undefined) return 0;
    this.observe({ type: "call_refused", provider, lane: lane.rule.name, status: answer.status, pauseMs });
    return pauseMs;
  }

  /** The applications, but for those that have stopped calling. */
  *applications(): Iterable<ApplicationReading> {
    const now = this.clock.monotonic();
    for (const { application, gate } of this.#groups.values()) {
      if (application !== undefined) yield { provider: application.provider, isClosed: gate.closedForMs(now) > 0 };
    }
  }

  /** Ends all waits, since the cache is closed. */
  end(reason: TokenError): void {
    this.#endReason = reason;
    this.leases.end(reason);
    for (const { lanes } of this.#groups.values()) for (const line of lanes.values()) line.end(reason);
  }

  /** @throws TokenError the reason, once all waits have ended */
  throwIfEnded(): void {
    if (this.#endReason !== undefined) throw this.#endReason;
  }

  /** Reports what happened in a lane. */
  observe(event: TokenEvent): void {
    this.#init.observe(event);
  }

  #addGroup(owner: LaneOwner, key: string): LaneGroup {
    if (this.#groups.size >= this.#sweepAt) this.#forgetIdleGroups();
    const { provider, group: application, rules } = owner;
    const lanes = new Map<string, WaitingLine>();
    const isOfTokens = key !== application;
    const message = rules.quotaMessage ?? QUOTA_MESSAGE;
    const gate = new QuotaGate({
      share: (closeForMs) => this.#shareClosing(key, closeForMs),
      onClosed: (forMs) => {
        // One event for both groups.
        if (isOfTokens) this.#apiGroup(owner).gate.set(forMs, this.clock.monotonic());
        else this.observe({ type: "lanes_closed", provider, group: application, forMs, message });
      },
      onOpened: () => {
        if (!isOfTokens) this.observe({ type: "lanes_opened", provider, group: application });
      },
      onChanged: () => {
        for (const line of lanes.values()) line.changed();
      },
    });
    const group = { application: isOfTokens ? undefined : owner, gate, lanes };
    this.#groups.set(key, group);
    return group;
  }

  #apiGroup(owner: LaneOwner): LaneGroup {
    return this.#groups.get(owner.group) ?? this.#addGroup(owner, owner.group);
  }

  /** Takes less time for each new group the more groups are in use. */
  #forgetIdleGroups(): void {
    const now = this.clock.monotonic();
    for (const [key, { gate, lanes }] of this.#groups) {
      if (gate.isOver(now) && [...lanes.values()].every((line) => line.isIdle(now))) this.#groups.delete(key);
    }
    this.#sweepAt = Math.max(MANY_GROUPS, 2 * this.#groups.size);
  }

  #shareClosing(group: string, closeForMs: number): void {
    const request = { count: 0, intervalMs: 1, burst: 1, horizonMs: 0, processId: this.#ownId(), closeForMs };
    this.#init.shared?.take(group, QUOTA_LANE, request);
  }

  #addLane({ provider, rules }: LaneOwner, rule: LaneRule, group: string, { gate, lanes }: LaneGroup): WaitingLine {
    const { clock, shared, sharedQueues } = this.#init;
    checkLaneRule(provider, rule);
    if (lanes.size >= MOST_LANES_OF_A_GROUP) forgetIdleLane(lanes, clock.monotonic());
    const limit = new LearntLimit(rule);
    const bucket =
      shared === undefined
        ? new LocalBucket(gate)
        : new SharedBucket({ shared, processId: this.#ownId(), group, lane: rule.name, limit, gate, clock });
    const quotaMessage = rules.quotaMessage ?? QUOTA_MESSAGE;
    const lane = new Lane({ provider, rule, limit, gate, bucket, clock, quotaMessage });
    const queue = rule === rules.tokenRequests ? new DeadlineQueue<Waiter>() : new FairQueue<Waiter>();
    const line = new WaitingLine(lane, queue, clock, sharedQueues);
    lanes.set(rule.name, line);
    return line;
  }

  #ownId(): string {
    this.#processId ??= crypto.randomUUID();
    return this.#processId;
  }
}

/** Forgets the first lane from which nothing is lost, or else the first one in which nobody waits. */
function forgetIdleLane(lanes: Map<string, WaitingLine>, now: number): void {
  const names = [...lanes.keys()];
  const idle = names.find((name) => lanes.get(name)?.isIdle(now)) ?? names.find((name) => lanes.get(name)?.size === 0);
  if (idle !== undefined) lanes.delete(idle);
}

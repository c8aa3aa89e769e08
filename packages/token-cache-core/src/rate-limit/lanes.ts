import type { ApiAnswer } from "../contract/api-answer.ts";
import type { LaneOwner, LaneRule, RateRefusal } from "../contract/rate-limits.ts";
import type { ApplicationReading } from "../contract/telemetry.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { TokenEvent } from "../contract/token-events.ts";
import type { Clock } from "../time/clock.ts";
import type { Turn } from "./bucket.ts";
import { CallLeases, type LeaseTaker } from "./call-leases.ts";
import { DeadlineQueue } from "./deadline-queue.ts";
import { FairQueue } from "./fair-queue.ts";
import { Lane } from "./lane.ts";
import { checkLaneRule } from "./lane-rule.ts";
import { LearntLimit } from "./learnt-limit.ts";
import { LocalBucket } from "./local-bucket.ts";
import { QuotaGate } from "./quota-gate.ts";
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

/** What an application sends in a group of lanes. */
type GroupKind = "calls" | "tokens";

/** The lanes that one quota closes together. */
interface LaneGroup {
  readonly owner: LaneOwner;
  /** Its name in the store. */
  readonly key: string;
  readonly gate: QuotaGate;
  /** By the name of the lane's rule. */
  readonly lines: Map<string, WaitingLine>;
}

/** All lanes of a cache, in groups by application. */
export class Lanes {
  readonly clock: Clock;
  /** For calls that go one at a time. */
  readonly leases: CallLeases;
  readonly #init: LanesInit;
  /** Each by application. */
  readonly #groups: Readonly<Record<GroupKind, Map<string, LaneGroup>>> = { calls: new Map(), tokens: new Map() };
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

  /** The line in which a call waits. */
  lineOf(owner: LaneOwner, rule: LaneRule): WaitingLine {
    const group = this.#groups.calls.get(owner.group) ?? this.#addGroup("calls", owner);
    return group.lines.get(rule?.name) ?? this.#addLine(group, rule);
  }

  /**
   * The line of the application's token requests, if the provider counts them. Its lane has a gate of its own: an exhausted
   * quota of API calls stops no token request, but one of token requests stops all calls.
   */
  tokenLineOf(owner: LaneOwner): WaitingLine | undefined {
    const rule = owner.rules.tokenRequests;
    if (rule === undefined) return undefined;
    const group = this.#groups.tokens.get(owner.group) ?? this.#addGroup("tokens", owner);
    return group.lines.get(rule.name) ?? this.#addLine(group, rule);
  }

  /** Whether the application's token requests keep a rate limit. */
  areTokensPaced(owner: LaneOwner): boolean {
    return this.tokenLineOf(owner)?.lane.limit.current !== undefined;
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
    const isRead = refusal !== undefined || turn.isProbe || lane.isReadingDue(sentAt);
    if (!isRead) return 0;
    const now = this.clock.monotonic();
    const reading = rules.read?.(answer, this.clock);
    const { isNews, pauseMs } = lane.answered(turn, sentAt, now, reading, refusal);
    if (isNews) {
      line.changed();
      const { perSecond, burst } = lane.limit.current ?? {};
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
    for (const { owner, gate } of this.#groups.calls.values()) {
      yield { provider: owner.provider, isClosed: gate.closedForMs(now) > 0 };
    }
  }

  /** Ends all waits, since the cache is closed. */
  end(reason: TokenError): void {
    this.#endReason = reason;
    this.leases.end(reason);
    for (const groups of Object.values(this.#groups)) {
      for (const { lines } of groups.values()) for (const line of lines.values()) line.end(reason);
    }
  }

  /** @throws TokenError the reason, once all waits have ended */
  throwIfEnded(): void {
    if (this.#endReason !== undefined) throw this.#endReason;
  }

  /** Reports what happened in a lane. */
  observe(event: TokenEvent): void {
    this.#init.observe(event);
  }

  #addGroup(kind: GroupKind, owner: LaneOwner): LaneGroup {
    if (this.#groups[kind].size >= this.#sweepAt) this.#forgetIdleGroups();
    const { provider, group: application, rules } = owner;
    const lines = new Map<string, WaitingLine>();
    const key = kind === "calls" ? application : `${application} ${kind}`;
    const message = rules.quotaMessage ?? QUOTA_MESSAGE;
    const onChanged = () => {
      for (const line of lines.values()) line.changed();
    };
    const gate = new QuotaGate({
      share: (closeForMs) => this.#shareClosing(key, closeForMs),
      onChanged,
      ...(kind === "calls"
        ? {
            onClosed: (forMs) => this.observe({ type: "lanes_closed", provider, group: application, forMs, message }),
            onOpened: () => this.observe({ type: "lanes_opened", provider, group: application }),
          }
        : { onClosed: (forMs) => this.#closeCalls(owner, forMs), onOpened() {} }),
    });
    const group = { owner, key, gate, lines };
    this.#groups[kind].set(application, group);
    return group;
  }

  /** A used-up quota of token requests stops the API calls too, with one event. */
  #closeCalls(owner: LaneOwner, forMs: number): void {
    const { gate } = this.#groups.calls.get(owner.group) ?? this.#addGroup("calls", owner);
    gate.set(forMs, this.clock.monotonic());
  }

  /** Takes less time for each new group the more groups are in use. */
  #forgetIdleGroups(): void {
    const now = this.clock.monotonic();
    const isIdle = ({ gate, lines }: LaneGroup) =>
      gate.isOver(now) && [...lines.values()].every((line) => line.isIdle(now));
    for (const groups of Object.values(this.#groups)) {
      for (const [application, group] of groups) if (isIdle(group)) groups.delete(application);
    }
    this.#sweepAt = Math.max(MANY_GROUPS, 2 * this.#groups.calls.size, 2 * this.#groups.tokens.size);
  }

  #shareClosing(group: string, closeForMs: number): void {
    const request = { count: 0, intervalMs: 1, burst: 1, horizonMs: 0, processId: this.#ownId(), closeForMs };
    this.#init.shared?.take(group, QUOTA_LANE, request);
  }

  #addLine({ owner, key, gate, lines }: LaneGroup, rule: LaneRule): WaitingLine {
    const { clock, shared, sharedQueues } = this.#init;
    const { provider, rules } = owner;
    checkLaneRule(provider, rule);
    if (lines.size >= MOST_LANES_OF_A_GROUP) forgetIdleLine(lines, clock.monotonic());
    const limit = new LearntLimit(rule);
    const bucket =
      shared === undefined
        ? new LocalBucket(gate)
        : new SharedBucket({ shared, processId: this.#ownId(), group: key, lane: rule.name, limit, gate, clock });
    const quotaMessage = rules.quotaMessage ?? QUOTA_MESSAGE;
    const lane = new Lane({ provider, rule, limit, gate, bucket, clock, quotaMessage });
    const queue = rule === rules.tokenRequests ? new DeadlineQueue<Waiter>() : new FairQueue<Waiter>();
    const line = new WaitingLine(lane, queue, clock, sharedQueues);
    lines.set(rule.name, line);
    return line;
  }

  #ownId(): string {
    this.#processId ??= crypto.randomUUID();
    return this.#processId;
  }
}

/** Forgets the first lane from which nothing is lost, or else one in which nobody waits, if possible without a pause. */
function forgetIdleLine(lines: Map<string, WaitingLine>, now: number): void {
  const empty = [...lines].filter(([, { size }]) => size === 0);
  const [name] =
    empty.find(([, line]) => line.isIdle(now)) ?? empty.find(([, { lane }]) => !lane.isSlowed(now)) ?? empty[0] ?? [];
  if (name !== undefined) lines.delete(name);
}

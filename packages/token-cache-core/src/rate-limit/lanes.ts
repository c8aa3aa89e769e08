import type { LaneOwner, LaneRule } from "../contract/rate-limits.ts";
import type { ApplicationReading } from "../contract/telemetry.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { TokenEvent } from "../contract/token-events.ts";
import type { Clock } from "../time/clock.ts";
import { Lane } from "./lane.ts";
import { LaneGroup } from "./lane-group.ts";
import { LaneKnowledge } from "./lane-knowledge.ts";
import { type LeaseTaker, OneAtATime } from "./one-at-a-time.ts";
import { SharedSupply, type SharedTurns } from "./shared-supply.ts";
import { OwnTurns, type SuppliedLane } from "./turn-supply.ts";
import { TurnTable } from "./turn-table.ts";

/** The store, as far as lanes need it. */
export interface SharedLanes extends SharedTurns {
  lease(key: string): ReturnType<LeaseTaker>;
}

/** What a cache makes its {@link Lanes} from. */
export interface LanesInit {
  readonly clock: Clock;
  /** Default: lanes of this process alone. */
  readonly shared?: SharedLanes | undefined;
  /** Whether a call may wait for what another one's request does. */
  readonly sharedQueues: boolean;
  observe(event: TokenEvent): void;
}

/** Lanes that nobody waits in make room for others. */
const MOST_LANES_OF_A_GROUP = 1_000;

const QUOTA_MESSAGE =
  "The application's quota is used up. No call is sent until its period ends. Send fewer calls, or ask the provider for more.";

interface GroupOfLanes {
  readonly gate: LaneGroup;
  /** By name. */
  readonly lanes: Map<string, Lane>;
}

/** All lanes of a cache, in groups by application. */
export class Lanes {
  readonly #groups = new Map<string, GroupOfLanes>();
  readonly #table = new TurnTable();
  /** Made when it is needed: Workers allow nothing random before the first request. */
  #processId: string | undefined;
  readonly #init: LanesInit;

  constructor(init: LanesInit) {
    this.#init = init;
  }

  get clock(): Clock {
    return this.#init.clock;
  }

  /** The lane of a rule. */
  lane(owner: LaneOwner, rule: LaneRule): Lane {
    const group = this.#groupOf(owner);
    return group.lanes.get(rule.name) ?? this.#addLane(group, rule);
  }

  /** The applications so far. */
  *applications(): Iterable<ApplicationReading> {
    const now = this.clock.monotonic();
    for (const { gate } of this.#groups.values()) {
      yield { provider: gate.provider, isClosed: gate.closedForMs(now) > 0 };
    }
  }

  /** Ends all waits, since the cache is closed. */
  end(reason: TokenError): void {
    for (const { lanes } of this.#groups.values()) for (const lane of lanes.values()) lane.end(reason);
  }

  /** Reports what happened in a lane. */
  observe(event: TokenEvent): void {
    this.#init.observe(event);
  }

  #groupOf({ provider, group: key, rules }: LaneOwner): GroupOfLanes {
    let group = this.#groups.get(key);
    if (group === undefined) {
      const message = rules.quotaMessage ?? QUOTA_MESSAGE;
      const lanes = new Map<string, Lane>();
      const gate = new LaneGroup({
        key,
        provider,
        quotaMessage: message,
        onClosed: (forMs) => this.observe({ type: "lanes_closed", provider, group: key, forMs, message }),
        onOpened: () => this.observe({ type: "lanes_opened", provider, group: key }),
        onChanged: () => {
          for (const lane of lanes.values()) lane.groupChanged();
        },
      });
      group = { gate, lanes };
      this.#groups.set(key, group);
    }
    return group;
  }

  #addLane({ gate: group, lanes }: GroupOfLanes, rule: LaneRule): Lane {
    const { clock, shared, sharedQueues } = this.#init;
    if (lanes.size >= MOST_LANES_OF_A_GROUP) forgetIdleLane(lanes);
    const knowledge = new LaneKnowledge(rule.limit);
    const supplied: SuppliedLane = {
      knowledge,
      group: group.key,
      name: rule.name,
      onClosed: (forMs, askedAt) => group.setClosed(forMs, clock.monotonic(), askedAt),
    };
    this.#processId ??= crypto.randomUUID();
    const supply =
      shared === undefined
        ? new OwnTurns(this.#table, supplied)
        : new SharedSupply(shared, this.#processId, this.#table, supplied, clock);
    const lease = shared && (() => shared.lease(`${group.key} ${rule.name}`));
    const door = rule.oneAtATime ? new OneAtATime(lease, clock) : undefined;
    const lane = new Lane({ rule, knowledge, group, supply, door, clock, sharedQueues });
    lanes.set(rule.name, lane);
    return lane;
  }
}

function forgetIdleLane(lanes: Map<string, Lane>): void {
  for (const [name, lane] of lanes) {
    if (lane.waiting > 0) continue;
    lanes.delete(name);
    return;
  }
}

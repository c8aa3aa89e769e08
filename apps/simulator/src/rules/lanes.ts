import { allowanceOf, type LaneName } from "../limits.ts";
import type { Plan } from "../plan.ts";
import type { Call, ProcessView } from "../told.ts";
import { errorCode, isPaced, isWaiting, KEPT_MS, nameOf, SLACK_MS, waitedMs } from "./paced-calls.ts";
import { Lazy, type RuleOfTheBook } from "./rule.ts";

/** A turn is used so late at most. */
const LATE_MS = 250;
/** A process looks for the store once a second. */
const JOIN_MS = 2_500;
/** All faults of the schedule are one outage that every process sees. */
const isOutage = ({ faults }: Plan) =>
  faults.length === 1 && faults[0]?.kind === "store fails" && faults[0].share === 1;

/** Calls that were sent, and how much of the allowance is used then. */
interface Sent {
  add(now: number): number;
}

class InBucket implements Sent {
  readonly #perSecond: number;
  #used = 0;
  #at = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  add(now: number): number {
    this.#used = Math.max(0, this.#used - ((now - this.#at) * this.#perSecond) / 1_000) + 1;
    this.#at = now;
    return this.#used;
  }
}

class InWindow implements Sent {
  #sent: number[] = [];

  add(now: number): number {
    this.#sent = [...this.#sent.filter((at) => at > now - 1_000), now];
    return this.#sent.length;
  }
}

export const allowance: RuleOfTheBook = {
  name: "allowance",
  statement:
    "Where nobody else spends the allowance and no fault of the store comes, the calls that all processes send in a lane, " +
    "of which the token requests are one, " +
    `in any time, are at most the burst and the rate for this time and ${LATE_MS} ms. Where the provider names no burst, no ` +
    "second holds more calls than the rate. An outage of the store, which all processes see while each of them takes " +
    "turns, and while no quota ends, adds one second's allowance, or one call of each process where these are more: a " +
    "process that does not know yet that the store is back takes its own turn beside those of the store. From 2.5 s after " +
    "its end on, or 10.5 s in a wide lane, no process sends a call without having asked the store since.",
  allows: "Skew, and drift of 100 ppm.",
  watch({ plan, world }, broken) {
    const { limits, faults, store, machines } = plan;
    const isShared = store !== undefined || machines.length === 1;
    if (limits === undefined || limits.others !== undefined || !isShared) return {};
    if (faults.length > 0 && (!isOutage(plan) || limits.quota !== undefined)) return {};
    const [outage] = faults;
    const lanes = new Map<LaneName, Sent>();
    /** When each process took turns in a lane, in spans of five seconds before the outage. */
    const spans = new Lazy<string, Set<number>>(() => new Set());
    const knowsAll = (index: number, lane: LaneName) =>
      [0, 1].every((span) => spans.get(`p${index} ${lane}`)?.has(span));
    /** The processes that asked the store after the outage. */
    const joined = new Set<ProcessView>();
    const joinedBy = (outage?.to ?? Number.POSITIVE_INFINITY) + (limits.perSecond >= 20 ? KEPT_MS : JOIN_MS);
    const send = (process: ProcessView, lane: LaneName, what: string) => {
      if (world.now > joinedBy && !joined.has(process)) broken(`${what} is sent without the store`);
      const isBefore = outage === undefined || world.now < outage.from;
      if (!isBefore && !machines.every((_, index) => knowsAll(index, lane))) return;
      const { perSecond, burst } = allowanceOf(limits, lane);
      const sent = lanes.get(lane) ?? (burst === undefined ? new InWindow() : new InBucket(perSecond));
      lanes.set(lane, sent);
      const late = burst === undefined ? 0 : (perSecond * LATE_MS) / 1_000;
      const inOutage = isBefore ? 0 : Math.max(perSecond, machines.length);
      const above = sent.add(world.now) - (burst ?? perSecond) - late - inOutage;
      if (above > 0) broken(`${what} is ${above.toFixed(2)} calls above the allowance`);
    };
    return {
      tookTurns({ process, lane }) {
        if (outage !== undefined && world.now >= outage.to) joined.add(process);
        const leftMs = (outage?.from ?? 0) - world.now;
        if (leftMs > 0) spans.of(`${process.name} ${lane}`).add(Math.floor(leftMs / 5_000));
      },
      sentInTurn: (call) => void (call.lane !== undefined && send(call.process, call.lane, nameOf(call))),
      asked({ process, identity }) {
        if (limits.tokens !== undefined) send(process, "tokens", `a token request of ${process.name}/${identity}`);
      },
    };
  },
};

export const boundedWaits: RuleOfTheBook = {
  name: "bounded waits",
  statement:
    "An API call that has a token ends within `maxWaitMs` and the time that its requests take. One that ends with " +
    "`rate_limited` was not sent.",
  allows: "The time is counted by the process's monotonic clock.",
  watch({ plan }, broken) {
    if (plan.limits === undefined) return {};
    const { maxWaitMs } = plan.limits;
    const open = new Set<Call>();
    const check = (call: Call) => {
      const tooMuchMs = waitedMs(call) - maxWaitMs;
      if (call.heldId !== undefined && tooMuchMs > SLACK_MS) {
        broken(`${nameOf(call)} waits ${Math.round(tooMuchMs)} ms too long`);
      }
    };
    return {
      called: (call) => void (isPaced(call) && open.add(call)),
      crashed(process) {
        for (const call of open) if (call.process === process) open.delete(call);
      },
      settled(call) {
        if (!open.delete(call)) return;
        check(call);
        if (errorCode(call) === "rate_limited" && call.requests.length > 0) broken(`${nameOf(call)} was sent`);
      },
      ended() {
        for (const call of open) if (isWaiting(call)) check(call);
      },
    };
  },
};

export const endedWaits: RuleOfTheBook = {
  name: "ended waits",
  statement:
    "At the caller's abort, and at `close()`, an API call ends at once, unless its request is on its way: then when the " +
    "answer is here. Afterwards nothing is sent for it.",
  allows: "Any clock behaviour.",
  watch({ plan }, broken) {
    if (plan.limits === undefined) return {};
    const open = new Set<Call>();
    const isOver = ({ process, signal }: Call) => process.state === "closed" || signal?.aborted === true;
    return {
      called: (call) => void (isPaced(call) && open.add(call)),
      sentInTurn: (call) => void (isOver(call) && broken(`${nameOf(call)} is sent after its end`)),
      settled: (call) => void open.delete(call),
      crashed(process) {
        for (const call of open) if (call.process === process) open.delete(call);
      },
      settledDown() {
        for (const call of open) {
          if (!isOver(call) || !call.requests.every(({ answer }) => answer !== undefined)) continue;
          broken(`${nameOf(call)} goes on after its end`);
          open.delete(call);
        }
      },
    };
  },
};

export const fairTurns: RuleOfTheBook = {
  name: "fair turns",
  statement:
    "While a call of an identity waits for its turn in a process, no other identity of this process gets two turns in the " +
    "lane: uploads wait for each other first, and are excepted. Where nothing fails, nobody else spends the allowance, and half of `maxWaitMs` is enough time for all calls of " +
    "the schedule, each call that is not aborted is sent.",
  allows: "Skew, and drift of 100 ppm. Processes that do not share flights; a call whose process ends.",
  watch({ plan }, broken) {
    const { limits, versions } = plan;
    if (limits === undefined || !versions[0].sharedFlights) return {};
    const waiting = new Set<Call>();
    /** Turns of the other identities while an identity waits in its process's lane. */
    const overtaken = new Lazy<string, Map<number, number>>(() => new Map());
    const of = ({ process, lane }: Call, identity: number) => `${process.name} ${lane} ${identity}`;
    const isAmple = hasAmpleTime(plan);
    return {
      called: (call) => void (isPaced(call) && waiting.add(call)),
      sentInTurn(call) {
        overtaken.delete(of(call, call.identity));
        if (call.lane === "uploads") return;
        const others = [...waiting].filter(
          (other) => other.process === call.process && other.lane === call.lane && isWaiting(other),
        );
        for (const identity of new Set(others.map((other) => other.identity))) {
          if (identity === call.identity) continue;
          const counts = overtaken.of(of(call, identity));
          const turns = (counts.get(call.identity) ?? 0) + 1;
          counts.set(call.identity, turns);
          if (turns > 1) broken(`identity ${identity} of ${call.process.name} waits while ${nameOf(call)} is sent`);
        }
      },
      settled(call) {
        if (!waiting.delete(call)) return;
        overtaken.delete(of(call, call.identity));
        if (isAmple && errorCode(call) === "rate_limited") broken(`${nameOf(call)} never gets its turn`);
      },
    };
  },
};

/** How long an upload's way, and the look for its turn, take at most. */
const ROUND_TRIP_MS = 300;

/** Whether all calls of the schedule could be sent one after the other, at half of the documented rate. */
function hasAmpleTime({ limits, faults, actions }: Plan): boolean {
  if (limits === undefined || limits.others !== undefined || limits.quota !== undefined || faults.length > 0)
    return false;
  const calls = actions.filter(({ what }) => what !== "get all").length;
  const uploads = actions.filter(({ what }) => what.startsWith("upload")).length;
  const inTurnMs = (calls * 1_000) / (limits.perSecond * limits.documentedShare);
  return 2 * (inTurnMs + uploads * (limits.uploadMs + ROUND_TRIP_MS)) < limits.maxWaitMs;
}

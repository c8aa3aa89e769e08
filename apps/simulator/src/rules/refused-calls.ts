import type { Call, ProcessView } from "../told.ts";
import { isPaced, KEPT_MS, nameOf, SLACK_MS, spentMs } from "./paced-calls.ts";
import { Lazy, type RuleOfTheBook } from "./rule.ts";

/** A closed application sends one probe in this time. */
const PROBE_MS = 5_000;

export const closedLanes: RuleOfTheBook = {
  name: "closed lanes",
  statement:
    "After an answer told a process that the quota is used up, it sends no API call before the time that any answer named. " +
    "Where all share a store and nothing fails, neither do the others: from a second later on, or 10.5 s in a wide " +
    "lane. Then one of all processes sends a call, the probe. No other call is sent before its answer is here, or five " +
    "seconds have passed.",
  allows: "Skew, and drift of 100 ppm.",
  watch({ plan, world }, broken) {
    const { limits, faults, store, machines } = plan;
    if (limits?.quota === undefined) return {};
    const areTogether = faults.length === 0 && (store !== undefined || machines.length === 1);
    const graceMs = limits.perSecond * limits.documentedShare >= 20 ? KEPT_MS : 1_000;
    let closed: { from: number; until: number; probe: Call | undefined; probeAt: number } | undefined;
    /** Until when each process was told to wait. */
    const told = new Map<ProcessView, number>();
    return {
      sentInTurn(call) {
        if (closed === undefined) return;
        if (!areTogether) {
          const earlyMs = Math.min(...told.values()) - world.now;
          if (told.has(call.process) && earlyMs > SLACK_MS)
            broken(`${nameOf(call)} is sent ${Math.round(earlyMs)} ms before the quota's end`);
          return;
        }
        const { from, until, probe, probeAt } = closed;
        const earlyMs = until - world.now;
        if (earlyMs > SLACK_MS + 20) {
          const knows = told.has(call.process) || world.now > from + graceMs;
          if (knows) broken(`${nameOf(call)} is sent ${Math.round(earlyMs)} ms before the quota's end`);
        } else if (probe !== undefined && world.now < probeAt + PROBE_MS - SLACK_MS) {
          broken(`${nameOf(call)} is sent with the probe`);
        } else {
          closed.probe = call;
          closed.probeAt = world.now;
        }
      },
      answeredInTurn(call) {
        const { closedForMs } = call.requests.at(-1)?.answer ?? {};
        const isProbe = closed?.probe === call;
        if (closedForMs === undefined) {
          if (!isProbe && areTogether) return;
          closed = undefined;
          told.clear();
          return;
        }
        const until = world.now + closedForMs;
        if (closed === undefined || isProbe) {
          // What the others were told before is over, and they do not know of this answer yet.
          if (areTogether) told.clear();
          closed = { from: world.now, until, probe: undefined, probeAt: 0 };
        } else {
          closed.until = Math.min(closed.until, until);
        }
        told.set(call.process, until);
      },
    };
  },
};

export const refusedCalls: RuleOfTheBook = {
  name: "refused calls",
  statement:
    "An API call that was refused for its rate is sent again when it may be, and ends with the refusal only where " +
    "`maxWaitMs` leaves no time for the pause or the next turn: no call of its process is sent in its lane before that time is over. The time of requests that are sent again counts. An order or an upload that the provider may have processed is sent once.",
  allows:
    "Any clock behaviour. The first sentence for processes that share flights: the others give up as soon as the next turn comes too late.",
  watch({ plan }, broken) {
    const { limits } = plan;
    if (limits === undefined) return {};
    const pauses = new Lazy<string, number>(() => 0);
    /** Calls that gave up early, since no turn would come in time: until when none may come in their lane. */
    const gaveUp = new Map<string, { name: string; until: number }>();
    const laneOf = ({ process, lane }: Call) => `${process.name} ${lane}`;
    return {
      observed({ process, event }) {
        if (event.type !== "call_refused") return;
        const key = `${process.name} ${event.lane}`;
        pauses.set(key, Math.max(pauses.of(key), event.pauseMs));
      },
      sentInTurn(call) {
        const before = call.requests.at(-2)?.answer;
        const isSafe = call.lane === "reads" || limits.saysUnprocessed || before?.closedForMs !== undefined;
        if (before !== undefined && !isSafe) broken(`${nameOf(call)} is sent twice, and may have been processed`);
        const { name = "", until = Number.NEGATIVE_INFINITY } = gaveUp.get(laneOf(call)) ?? {};
        const earlyMs = until - call.process.machine.monotonic();
        if (earlyMs > SLACK_MS) broken(`${name} gave up ${Math.round(earlyMs)} ms too early`);
      },
      settled(call) {
        if (!isPaced(call) || !call.process.version.sharedFlights) return;
        if (call.outcome === undefined || !("status" in call.outcome)) return;
        const { status } = call.outcome;
        if (status !== 429 || (call.lane !== "reads" && !limits.saysUnprocessed)) return;
        const leftMs = limits.maxWaitMs - spentMs(call);
        if (leftMs - pauses.of(laneOf(call)) <= SLACK_MS) return;
        gaveUp.set(laneOf(call), { name: nameOf(call), until: call.process.machine.monotonic() + leftMs });
      },
    };
  },
};

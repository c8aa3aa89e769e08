import type { Call, ProcessView } from "../told.ts";
import { nameOf } from "./paced-calls.ts";
import type { RuleOfTheBook } from "./rule.ts";

export const oneUpload: RuleOfTheBook = {
  name: "one upload",
  statement:
    "The uploads of one identity go one at a time: in a process, and where no fault of the store comes, in all processes that " +
    "share a store with leases.",
  allows: "Skew, and drift of 100 ppm. An upload whose caller or process has gone is over.",
  watch({ plan }, broken) {
    const { limits, faults, store } = plan;
    if (limits === undefined) return {};
    const isShared = faults.length === 0 && store?.leases === true;
    const open = new Set<Call>();
    const end = ({ index }: ProcessView) => {
      for (const call of open) if (call.process.index === index) open.delete(call);
    };
    return {
      sentInTurn(call) {
        if (call.lane !== "uploads") return;
        const { process, identity } = call;
        const other = [...open].find((each) => each.identity === identity && (isShared || each.process === process));
        if (other !== undefined && other !== call)
          broken(`${nameOf(call)} is sent while ${nameOf(other)} is under way`);
        open.add(call);
      },
      answeredInTurn: (call) => void open.delete(call),
      settled: (call) => void open.delete(call),
      crashed: end,
      // The process before it on this machine has gone.
      started: end,
    };
  },
};

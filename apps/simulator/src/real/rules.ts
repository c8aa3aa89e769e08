import { oneRefusal, recovery } from "../rules/calls.ts";
import { nothingAfterClose } from "../rules/flights.ts";
import { oneRequestInPeace, oneTokenWhenCold } from "../rules/requests.ts";
import type { RuleOfTheBook } from "../rules/rule.ts";
import { hiccups, leases, sharedTokens } from "../rules/sharing.ts";
import { book } from "../rules.ts";

/** The rules that a busy machine breaks, or that seconds cannot test: docs/simulation.md says why. */
const leftOut: ReadonlySet<RuleOfTheBook> = new Set([
  oneRequestInPeace,
  oneTokenWhenCold,
  leases,
  recovery,
  oneRefusal,
  sharedTokens,
  hiccups,
]);

const closed: RuleOfTheBook = {
  ...nothingAfterClose,
  watch(view, broken) {
    const listener = nothingAfterClose.watch(view, broken);
    return {
      ...listener,
      sent(of) {
        // Another thread encrypts: a write that began before `close()` may reach the store after it.
        if (of.process.version.encryption === "none") listener.sent?.(of);
      },
    };
  },
};

/** The rules that a schedule in real time must not break. */
export const realBook: readonly RuleOfTheBook[] = book
  .filter((rule) => !leftOut.has(rule))
  .map((rule) => (rule === nothingAfterClose ? closed : rule));

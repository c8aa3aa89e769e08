import { oneRefusal, recovery } from "../rules/calls.ts";
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

/** The rules that a schedule in real time must not break. */
export const realBook: readonly RuleOfTheBook[] = book.filter((rule) => !leftOut.has(rule));

import type { Action, ActionKind, Fault, FaultKind, Plan } from "../plan.ts";
import type { Regime } from "../regimes.ts";

/** Steps in an order that chance alone rarely brings. The rest of the schedule is calm. */
export type Course = Pick<Plan, "regime" | "identities" | "store" | "machines" | "faults" | "actions" | "rotation"> & {
  /** Default: as the seed draws it. */
  readonly isObserved?: boolean;
};

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

/** One identity, no faults, and machines whose clocks are right. */
export function calm(regime: Regime, processes: number): Omit<Course, "store" | "actions"> {
  const machines = Array.from({ length: processes }, () => ({ skewMs: 0, drift: 0 }));
  return { regime, identities: 1, machines, faults: [] };
}

export function action(what: ActionKind, at: number, ms = 0, process = 0): Action {
  return { at, process, identity: 0, what, ms };
}

/** A fault that hits every request. */
export function fault(kind: FaultKind, from: number, lastsMs: number): Fault {
  return { kind, from, to: from + lastsMs, share: 1, ms: 0 };
}

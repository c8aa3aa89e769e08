import type { Endpoint } from "../provider/provider.ts";
import type { Fault, FaultKind } from "./fault.ts";
import { parseFault } from "./fault-checks.ts";

/** A fault that is active now. */
export interface ActiveFault {
  readonly id: number;
  readonly fault: Fault;
  /** The number of requests that it has affected. */
  affected: number;
}

/** These kinds replace the whole answer, so at most one of them applies to a request. The other kinds combine. */
const REPLACING: ReadonlySet<FaultKind> = new Set<FaultKind>([
  "status",
  "provider-error",
  "hang",
  "cut",
  "html",
  "empty",
  "redirect",
  "tokenless",
  "null-response",
]);

/** The faults that affect one request. */
export interface DrawnFaults {
  /** Replaces the provider's answer. */
  readonly replacing: Fault | undefined;
  /** Change the answer, in this order. */
  readonly changing: readonly Fault[];
}

/** The active faults, oldest first. */
export class FaultBoard {
  #active: ActiveFault[] = [];
  #nextId = 1;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  get active(): readonly ActiveFault[] {
    return this.#active;
  }

  /** Checks a fault and activates it. Throws an InvalidInputError that names the wrong field. */
  add(input: unknown): ActiveFault {
    const active: ActiveFault = { id: this.#nextId, fault: parseFault(input), affected: 0 };
    this.#nextId += 1;
    this.#active.push(active);
    return active;
  }

  /** Removes a fault. False if it is not active. */
  remove(id: number): boolean {
    const before = this.#active.length;
    this.#active = this.#active.filter((active) => active.id !== id);
    return this.#active.length < before;
  }

  clear(): void {
    this.#active = [];
  }

  /** Draws the faults for an endpoint's next request: the first that replaces the answer, and all that change it. */
  draw(endpoint: Endpoint): DrawnFaults {
    let replacing: Fault | undefined;
    const changing: Fault[] = [];
    for (const active of this.#active) {
      const { fault } = active;
      if (fault.endpoint !== endpoint) continue;
      if (REPLACING.has(fault.kind) && replacing !== undefined) continue;
      if (fault.share !== undefined && this.#random() >= fault.share) continue;
      active.affected += 1;
      if (REPLACING.has(fault.kind)) replacing = fault;
      else changing.push(fault);
    }
    this.#active = this.#active.filter(({ fault, affected }) => fault.times === undefined || affected < fault.times);
    return { replacing, changing };
  }
}

import type { Fault, FaultKind } from "./plan.ts";
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

/** Which faults of the plan reign now. */
export class Weather {
  readonly #world: World;
  readonly #faults = new Map<FaultKind, Fault[]>();
  readonly #random: Random;

  constructor(world: World, faults: readonly Fault[], random: Random) {
    this.#world = world;
    this.#random = random;
    for (const fault of faults) {
      const same = this.#faults.get(fault.kind);
      if (same === undefined) this.#faults.set(fault.kind, [fault]);
      else same.push(fault);
    }
  }

  /** The fault, if this request is one that it hits. */
  strikes(kind: FaultKind): Fault | undefined {
    const { now } = this.#world;
    return this.#faults
      .get(kind)
      ?.find(({ from, to, share }) => from <= now && now < to && (share === 1 || this.#random.chance(share)));
  }
}

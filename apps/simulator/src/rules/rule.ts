import type { FoundToken, StoreChange, TokenEvent } from "@x/token-cache-core";
import type { Plan } from "../plan.ts";
import type { Call, Process } from "../process.ts";
import type { Provider, TokenAnswered } from "../provider.ts";
import type { StoreServer } from "../store.ts";
import type { World } from "../world.ts";

/** What a rule may look at, beside what it is told. */
export interface View {
  readonly plan: Plan;
  readonly world: World;
  readonly provider: Provider;
  readonly server: StoreServer | undefined;
}

export interface Of {
  readonly process: Process;
  readonly identity: number;
}

/** What a rule is told. Everything is told as it happens, in the order in which it happens. */
export interface Rule {
  called?(call: Call): void;
  /** A caller's signal was aborted. */
  aborted?(call: Call): void;
  settled?(call: Call): void;
  invalidated?(of: Of & { id: string }): void;
  observed?(of: { process: Process; event: TokenEvent }): void;
  /** A token request was sent. */
  asked?(of: Of): void;
  answered?(of: { process: Process } & TokenAnswered): void;
  /** A process sent something to the store. */
  sent?(of: Of & { operation: string }): void;
  found?(of: Of & { found: FoundToken; askedAt: number }): void;
  noticed?(of: { process: Process; change: StoreChange }): void;
  /** The reply that grants a lease reached the process. */
  got?(of: Of): void;
  /** Its wall clock was stepped, or it fell asleep. */
  confused?(process: Process): void;
  started?(process: Process): void;
  closing?(process: Process): void;
  closed?(process: Process): void;
  crashed?(process: Process): void;
  /** After each happening, with all that followed from it. */
  settledDown?(): void;
  /** The schedule is over. */
  ended?(processes: readonly Process[]): void;
}

/** A rule as the documents state it, and how to watch it in one schedule. */
export interface RuleOfTheBook {
  readonly name: string;
  /** What holds, exactly. */
  readonly statement: string;
  /** What clocks may do meanwhile, and what else is excepted. */
  readonly allows: string;
  watch(view: View, broken: (what: string) => void): Rule;
}

/** A map that makes what it lacks. */
export class Lazy<K, V> extends Map<K, V> {
  readonly #make: () => V;

  constructor(make: () => V) {
    super();
    this.#make = make;
  }

  of(key: K): V {
    let value = this.get(key);
    if (value === undefined) {
      value = this.#make();
      this.set(key, value);
    }
    return value;
  }
}

import type { Plan } from "../plan.ts";
import type { Provider } from "../provider.ts";
import type { StoreServer } from "../store.ts";
import type { Listener } from "../told.ts";
import type { World } from "../world.ts";

/** What a rule may look at, beside what it is told. */
export interface View {
  readonly plan: Plan;
  readonly world: World;
  readonly provider: Provider;
  readonly server: StoreServer | undefined;
}

/** A rule as the documents state it, and how to watch it in one schedule. */
export interface RuleOfTheBook {
  readonly name: string;
  /** What holds, exactly. */
  readonly statement: string;
  /** What clocks may do meanwhile, and what else is excepted. */
  readonly allows: string;
  watch(view: View, broken: (what: string) => void): Listener;
}

/** Whether the provider sent a token for both secrets of a rotation. Caches key tokens by credentials, so it is two. */
export function isOfTwoSecrets({ provider }: View, id: string): boolean {
  return (provider.token(id)?.secrets.size ?? 0) > 1;
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

import type { VirtualClock } from "../server/virtual-clock.ts";
import { DAY_MS, KOREA_OFFSET_MS } from "./korean-time.ts";
import type { CheckedNaverRules } from "./options.ts";

/**
 * What an application feels of its off-form token requests. "announced": its replenish rate is halved, as was seen
 * before the penalty begins. "active": it has a quota of one API call per hour.
 */
export type PenaltyState = "none" | "announced" | "active";

/** The penalty for off-form token requests: those of one Korean day limit the whole application on the next day. */
export class OffFormPenalty {
  readonly #begins: CheckedNaverRules["offFormPenalty"];
  readonly #clock: VirtualClock;
  /** Client id → the Korean days on which it sent an off-form request. */
  readonly #days = new Map<string, Set<number>>();

  constructor({ offFormPenalty }: CheckedNaverRules, clock: VirtualClock) {
    this.#begins = offFormPenalty;
    this.#clock = clock;
  }

  /** Notes an off-form token request of an application. */
  note(clientId: string): void {
    if (this.#begins === "off") return;
    const days = this.#days.get(clientId) ?? new Set();
    this.#days.set(clientId, days.add(this.#today()));
  }

  stateOf(clientId: string): PenaltyState {
    const days = this.#days.get(clientId);
    if (days === undefined) return "none";
    const today = this.#today();
    if (days.has(today - 1) || (days.has(today) && this.#begins === "at-once")) return "active";
    return days.has(today) ? "announced" : "none";
  }

  clear(): void {
    this.#days.clear();
  }

  #today(): number {
    return Math.floor((this.#clock.now() + KOREA_OFFSET_MS) / DAY_MS);
  }
}

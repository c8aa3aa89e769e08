import { oneRefusal, recovery, settlingCalls, usableTokens } from "./rules/calls.ts";
import { deadTokens } from "./rules/dead-tokens.ts";
import { boundedMemory, noSecrets, nothingAfterClose, oneEvent } from "./rules/flights.ts";
import { allowance, boundedWaits, endedWaits, fairTurns } from "./rules/lanes.ts";
import { closedLanes, refusedCalls } from "./rules/refused-calls.ts";
import { boundedRequests, heededRetryAfter, oneRequestInPeace, oneTokenWhenCold } from "./rules/requests.ts";
import { fetchedCredentials, oldSecrets, rotatedCalls } from "./rules/rotations.ts";
import type { RuleOfTheBook, View } from "./rules/rule.ts";
import { deletedTokens, hiccups, leases, sharedTokens } from "./rules/sharing.ts";
import { ownTokens, refusedTokens } from "./rules/tokens.ts";
import { oneUpload } from "./rules/uploads.ts";
import type { Listener, Told, Witness } from "./told.ts";

/** Where nothing watches but the runner itself. */
const noUnhandledRejection: RuleOfTheBook = {
  name: "no unhandled rejection",
  statement: "No promise of the library rejects without anybody to hear of it.",
  allows: "Any clock behaviour.",
  watch: () => ({}),
};

/** All that a schedule must not break. */
export const book: readonly RuleOfTheBook[] = [
  deadTokens,
  refusedTokens,
  ownTokens,
  boundedRequests,
  oneRequestInPeace,
  oneTokenWhenCold,
  heededRetryAfter,
  settlingCalls,
  usableTokens,
  recovery,
  oneRefusal,
  sharedTokens,
  deletedTokens,
  hiccups,
  leases,
  oneEvent,
  nothingAfterClose,
  noUnhandledRejection,
  noSecrets,
  boundedMemory,
  allowance,
  boundedWaits,
  endedWaits,
  fairTurns,
  closedLanes,
  refusedCalls,
  oneUpload,
  oldSecrets,
  rotatedCalls,
  fetchedCredentials,
];

/** A rule that did not hold. */
export interface Breach {
  readonly rule: string;
  readonly at: number;
  readonly what: string;
  /** How many lines the trace had then. */
  readonly traceLength: number;
}

/** Tells everything to every rule, and to the trace. */
export class Rules implements Witness {
  readonly breaches: Breach[] = [];
  /** How often what was told. */
  readonly told: Partial<Record<keyof Listener, number>> = {};
  readonly #listeners = new Map<keyof Listener, readonly Listener[]>();
  #traceLength = 0;
  readonly #view: View;
  readonly #rules: readonly Listener[];
  readonly #trace: ((what: keyof Listener, told: unknown) => void) | undefined;

  constructor(
    view: View,
    trace?: (what: keyof Listener, told: unknown) => void,
    rules: readonly RuleOfTheBook[] = book,
  ) {
    this.#view = view;
    this.#trace = trace;
    this.#rules = rules.map((rule) => rule.watch(view, (what) => this.broken(rule.name, what)));
  }

  broken(rule: string, what: string): void {
    this.breaches.push({ rule, at: this.#view.world.now, what, traceLength: this.#traceLength });
  }

  unhandled(reason: unknown): void {
    this.broken(noUnhandledRejection.name, String(reason));
  }

  tell<K extends keyof Listener>(what: K, told: Told[K]): void {
    this.told[what] = (this.told[what] ?? 0) + 1;
    if (what !== "settledDown") {
      this.#traceLength++;
      this.#trace?.(what, told);
    }
    for (const listener of this.#listenersOf(what)) (listener[what] as (told: Told[K]) => void)(told);
  }

  #listenersOf(what: keyof Listener): readonly Listener[] {
    let listeners = this.#listeners.get(what);
    if (listeners === undefined) {
      listeners = this.#rules.filter((rule) => rule[what] !== undefined);
      this.#listeners.set(what, listeners);
    }
    return listeners;
  }
}

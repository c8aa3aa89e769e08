import type { StoreWitness } from "./store.ts";
import type { Process } from "./process.ts";
import { oneRefusal, recovery, settlingCalls, usableTokens } from "./rules/calls.ts";
import { boundedMemory, noSecrets, nothingAfterClose, oneEvent } from "./rules/flights.ts";
import { boundedRequests, heededRetryAfter, oneRequestInPeace, oneTokenWhenCold } from "./rules/requests.ts";
import type { Rule, RuleOfTheBook, View } from "./rules/rule.ts";
import { hiccups, leases, sharedTokens } from "./rules/sharing.ts";
import { deadTokens, ownTokens, refusedTokens } from "./rules/tokens.ts";

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
  hiccups,
  leases,
  oneEvent,
  nothingAfterClose,
  noUnhandledRejection,
  noSecrets,
  boundedMemory,
];

/** A rule that did not hold. */
export interface Breach {
  readonly rule: string;
  readonly at: number;
  readonly what: string;
}

type Told = { [K in keyof Rule]-?: Parameters<NonNullable<Rule[K]>>[0] };

/** Tells everything to every rule, and to the trace. */
export class Rules {
  readonly breaches: Breach[] = [];
  readonly #view: View;
  readonly #rules: readonly Rule[];
  readonly #trace: ((what: keyof Rule, told: unknown) => void) | undefined;

  constructor(view: View, trace?: (what: keyof Rule, told: unknown) => void) {
    this.#view = view;
    this.#trace = trace;
    this.#rules = book.map((rule) => rule.watch(view, (what) => this.broken(rule.name, what)));
  }

  broken(rule: string, what: string): void {
    this.breaches.push({ rule, at: this.#view.world.now, what });
  }

  unhandled(reason: unknown): void {
    this.broken(noUnhandledRejection.name, String(reason));
  }

  tell<K extends keyof Rule>(what: K, told: Told[K]): void {
    if (what !== "settledDown") this.#trace?.(what, told);
    for (const rule of this.#rules) (rule[what] as ((told: Told[K]) => void) | undefined)?.(told);
  }

  storeWitness(process: Process): StoreWitness {
    const of = (key: string) => ({ process, identity: process.identityOf(key) });
    return {
      found: (key, found, askedAt) => this.tell("found", { ...of(key), found, askedAt }),
      noticed: (change) => this.tell("noticed", { process, change }),
      sent: (operation, key) => this.tell("sent", { ...of(key), operation }),
      leased: (key) => this.tell("got", of(key)),
    };
  }
}

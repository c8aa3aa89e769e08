import type { AccessToken, FoundToken, StoreChange, TokenEvent } from "@x/token-cache-core";
import type { TokenSource } from "@x/token-cache-core/provider";
import type { LaneName } from "./limits.ts";
import type { Version } from "./plan.ts";
import type { TokenAnswered } from "./provider.ts";
import type { Secret } from "./rotation.ts";
import type { StoreWitness } from "./store.ts";
import type { Machine } from "./world.ts";

/** What can be seen of a process from outside. */
export interface ProcessView {
  readonly name: string;
  /** The machine's number. */
  readonly index: number;
  readonly machine: Machine;
  readonly version: Version;
  readonly state: "running" | "closed" | "crashed";
  readonly sources: readonly TokenSource[];
  /** How many callbacks its store keeps for its cache. */
  readonly listening: number;
  source(identity: number): TokenSource;
  identityOf(key: string): number;
  /** As {@link TokenCache.peek}. */
  peek(identity: number): AccessToken | undefined;
}

/** What a call asks for. */
export interface CallOptions {
  readonly kind: "plain" | "forced" | "refused" | "fetch";
  readonly refused?: string | undefined;
  /** Of an API call that waits for its turn. */
  readonly lane?: LaneName | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One API request of a call that waits for its turn. Moments by the monotonic clock. */
export interface ApiRequest {
  readonly sentAt: number;
  answer?: { readonly at: number; readonly status: number; readonly closedForMs: number | undefined };
}

/** One call of an application, from its start to its end. */
export interface Call extends CallOptions {
  readonly process: ProcessView;
  readonly identity: number;
  readonly number: number;
  readonly startedAt: number;
  /** `World.happened` then. */
  readonly order: number;
  /** By the process's monotonic clock. */
  readonly startedMonotonic: number;
  /** The usable token that was in memory, as {@link TokenCache.peek} tells it. */
  readonly heldId: string | undefined;
  readonly requests: ApiRequest[];
  outcome?: { readonly token: AccessToken } | { readonly error: unknown } | { readonly status: number };
}

export interface Of {
  readonly process: ProcessView;
  readonly identity: number;
}

/** All that is told while a schedule runs, as it happens. */
export interface Listener {
  called?(call: Call): void;
  /** A caller's signal was aborted. */
  aborted?(call: Call): void;
  settled?(call: Call): void;
  invalidated?(of: Of & { id: string }): void;
  observed?(of: { process: ProcessView; event: TokenEvent }): void;
  /** A token request was sent. */
  asked?(of: Of & { secret: Secret }): void;
  /** The function that fetches the credentials was called. */
  fetching?(of: Of): void;
  /** It returned a secret, failed, or was too slow. `calledAt`: true time. */
  fetched?(of: Of & { secret: Secret | undefined; calledAt: number }): void;
  answered?(of: { process: ProcessView } & TokenAnswered): void;
  /** A request of a call that waits for its turn was sent. */
  sentInTurn?(call: Call): void;
  /** The answer reached the process. */
  answeredInTurn?(call: Call): void;
  /** A process asked the store for turns, or told it something about a lane. */
  tookTurns?(of: { process: ProcessView; lane: string }): void;
  /** A cache called its store's `set`. What encrypts may send it later. */
  wrote?(of: Of): void;
  /** A token was written to the store late, and the reply was lost. */
  wroteUnheard?(of: Of & { id: string }): void;
  /** A process sent something to the store. `identity`: -1 where the key is of no token. */
  sent?(of: Of & { key: string; operation: string }): void;
  /** A reply of the store tells of an entry. `askedAt`: true time; `waitedMs`: by the process's monotonic clock. */
  found?(of: Of & { found: FoundToken; askedAt: number; waitedMs: number }): void;
  noticed?(of: { process: ProcessView; change: StoreChange }): void;
  /** The reply that grants a lease reached the process. */
  got?(of: Of): void;
  /** Its wall clock was stepped, or it fell asleep. */
  confused?(process: ProcessView): void;
  started?(process: ProcessView): void;
  closing?(process: ProcessView): void;
  closed?(process: ProcessView): void;
  crashed?(process: ProcessView): void;
  /** After each happening, with all that followed from it. */
  settledDown?(): void;
  /** The schedule is over. */
  ended?(processes: readonly ProcessView[]): void;
}

type Told = { [K in keyof Listener]-?: Parameters<NonNullable<Listener[K]>>[0] };

/** Hears of everything. */
export interface Witness {
  tell<K extends keyof Listener>(what: K, told: Told[K]): void;
}

/** What can be told, and what is told then. */
export type { Told };

/** What a process's client of the store tells. */
export function storeWitness(witness: Witness, process: ProcessView): StoreWitness {
  const of = (key: string) => ({ process, identity: process.identityOf(key) });
  return {
    found: (key, reply) => witness.tell("found", { ...of(key), ...reply }),
    noticed: (change) => witness.tell("noticed", { process, change }),
    sent: (operation, key) => witness.tell("sent", { ...of(key), key, operation }),
    tookTurns: (lane) => witness.tell("tookTurns", { process, lane }),
    wroteUnheard: (key, id) => witness.tell("wroteUnheard", { ...of(key), id }),
    leased: (key) => witness.tell("got", of(key)),
  };
}

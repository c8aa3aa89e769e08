import type { Provider } from "@x/commerce-auth-emulator";
import type { TokenEvent } from "@x/token-cache-core";
import { type TokenLife, tokenLife } from "../chapters/token-life.ts";
import type { Words } from "../chapters/words.ts";
import type { Client } from "./clients.ts";
import { type EventText, eventText, type Tone } from "./event-text.ts";

/** The state of a provider's token, as its card shows it. */
export type CardState = "no-keys" | "none" | "fresh" | "stale" | "expired" | "refused";

/** The outcome of an action. */
export interface Outcome {
  readonly text: Words;
  readonly tone: Tone;
}

/** An event in the card's list; equal ones in a row are one entry with a count. */
interface ListedEvent extends EventText {
  readonly sequence: number;
  /** Epoch ms by the client's clock. */
  readonly at: number;
  readonly count: number;
}

/** A fault that waits for token requests. */
export interface ArmedFault {
  readonly kind: "status" | "hang";
  /** How many token requests it will affect. */
  readonly left: number;
}

/** Everything that the page shows of one provider. Holds no token and no secret. */
export interface CardSnapshot {
  readonly provider: Provider;
  readonly state: CardState;
  /** Environment variables to set, if keys are missing. */
  readonly missing: readonly string[];
  readonly token: ({ readonly id: string } & TokenLife) | undefined;
  /** Requests that reached the token endpoint. */
  readonly requests: number;
  /** Calls of `getToken`. */
  readonly calls: number;
  readonly isAsking: boolean;
  /** Faults that wait for the next token requests. */
  readonly armed: readonly ArmedFault[];
  readonly events: readonly ListedEvent[];
  readonly outcome: Outcome | undefined;
}

const LISTED_EVENTS = 30;

/** What is known of one provider's token, from its client's events. */
export class Card {
  readonly provider: Provider;
  readonly missing: readonly string[];
  client: Client | undefined;
  outcome: Outcome | undefined;
  readonly #armed: { readonly kind: ArmedFault["kind"]; left: number; readonly disarm: () => void }[] = [];
  readonly #now: () => number;
  readonly #countRequests: () => number;
  #token: CardSnapshot["token"];
  #wasRefused = false;
  #isRenewalDue = false;
  #calls = 0;
  #isAsking = false;
  #sequence = 0;
  #events: ListedEvent[] = [];

  constructor(provider: Provider, missing: readonly string[], now: () => number, countRequests: () => number) {
    this.provider = provider;
    this.missing = missing;
    this.#now = now;
    this.#countRequests = countRequests;
  }

  observe(event: TokenEvent): void {
    this.#list(event);
    switch (event.type) {
      case "hit":
      case "stale_hit":
        this.#calls += 1;
        this.#isRenewalDue = event.type === "stale_hit";
        break;
      case "flight_joined":
        this.#calls += 1;
        break;
      case "flight_started":
        this.#calls += event.background ? 0 : 1;
        this.#isAsking = true;
        break;
      case "issued":
      case "unchanged":
      case "adopted":
        this.#isAsking = false;
        this.#isRenewalDue = false;
        this.#wasRefused = false;
        this.#remember();
        break;
      case "renewal_failed":
        this.#isAsking = false;
        break;
      case "refused":
        this.#wasRefused = true;
        break;
    }
  }

  /** A fault waits at the provider for the given number of token requests. */
  arm(kind: ArmedFault["kind"], left: number, disarm: () => void): void {
    this.#armed.push({ kind, left, disarm });
  }

  /** Removes every waiting fault. Returns those that can be set again. */
  disarm(): readonly ArmedFault[] {
    const faults = this.#armed.splice(0);
    for (const { disarm } of faults) disarm();
    return faults.map(({ kind, left }) => ({ kind, left }));
  }

  /** A token request was affected by a fault: one fewer waits. */
  struck(kind: string): void {
    const fault = this.#armed.find((each) => each.kind === kind);
    if (fault === undefined) return;
    fault.left -= 1;
    if (fault.left === 0) this.#armed.splice(this.#armed.indexOf(fault), 1);
  }

  snapshot(): CardSnapshot {
    const { provider, missing, outcome } = this;
    return {
      provider,
      missing,
      outcome,
      state: this.#state(),
      token: this.#token,
      requests: this.#countRequests(),
      calls: this.#calls,
      isAsking: this.#isAsking,
      armed: this.#armed.map(({ kind, left }) => ({ kind, left })),
      events: this.#events.toReversed(),
    };
  }

  /** Whether a renewal may fail without any caller seeing it: there is a token to hand out meanwhile. */
  get hasToken(): boolean {
    return this.client?.auth.peek() !== undefined;
  }

  #state(): CardState {
    if (this.client === undefined) return "no-keys";
    if (this.#token === undefined) return "none";
    if (this.client.auth.peek()?.id !== this.#token.id) return this.#wasRefused ? "refused" : "expired";
    // The cache drew the moment between the two at random. Its last answer tells which one it was.
    return this.#isRenewalDue || this.#now() >= this.#token.renewBy ? "stale" : "fresh";
  }

  /** The last token stays on the card after it left memory. */
  #remember(): void {
    const token = this.client?.auth.peek();
    if (this.client === undefined || token === undefined) return;
    this.#token = { id: token.id, ...tokenLife(token, this.client.auth.source.policy) };
  }

  #list(event: TokenEvent): void {
    const described = eventText(event);
    const last = this.#events.at(-1);
    if (last !== undefined && last.type === described.type && last.text.en === described.text.en) {
      this.#events[this.#events.length - 1] = { ...last, at: this.#now(), count: last.count + 1 };
      return;
    }
    this.#sequence += 1;
    this.#events.push({ ...described, sequence: this.#sequence, at: this.#now(), count: 1 });
    this.#events = this.#events.slice(-LISTED_EVENTS);
  }
}

// Time that a client and the emulated server share, moved by the test alone: no test sleeps.

/** A clock that a test moves: the client's ManualClock, or the emulator's virtual clock. */
interface MovableClock {
  advance(ms: number): void;
}

/** What an observer sees, as far as time goes. */
interface ObservedEvent {
  readonly type: string;
  readonly retryInMs?: number;
}

/** The event that ends a flight. */
const LANDED: ReadonlySet<string> = new Set(["issued", "unchanged", "renewal_failed"]);

/** Both sides' time, and what the client's observer saw. */
export class VirtualLife<Event extends ObservedEvent> {
  readonly events: Event[] = [];
  readonly #clocks: readonly MovableClock[];
  #inFlight = 0;

  constructor(...clocks: readonly MovableClock[]) {
    this.#clocks = clocks;
  }

  /** Lets time pass for both sides. */
  pass(ms: number): void {
    for (const clock of this.#clocks) clock.advance(ms);
  }

  /** Give it to the cache. A wait between two attempts takes no real time: it passes as soon as it is announced. */
  readonly observer = (event: Event): void => {
    this.events.push(event);
    if (event.type === "flight_started") this.#inFlight++;
    if (LANDED.has(event.type)) this.#inFlight--;
    const { retryInMs } = event;
    if (event.type === "attempt_failed" && retryInMs !== undefined) setImmediate(() => this.pass(retryInMs));
  };

  /** Until no token request is in progress, not even one that nobody waits for. */
  async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#inFlight > 0);
  }

  /** The events of one type. */
  seen<Type extends Event["type"]>(type: Type): Extract<Event, { type: Type }>[] {
    return this.events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
  }
}

import type { ApiAnswer } from "../contract/api-answer.ts";
import type { LaneOwner } from "../contract/rate-limits.ts";
import type { Turn } from "../rate-limit/bucket.ts";
import type { Lanes } from "../rate-limit/lanes.ts";
import type { WaitingLine } from "../rate-limit/waiting-line.ts";
import type { Slot } from "./concurrency-limit.ts";
import type { Flight } from "./flight.ts";

/** Permission for a flight's token requests: a turn in the provider's lane for each, and a slot of the host's bulkhead. */
export class IssueSlot {
  readonly #flight: Flight;
  readonly #slot: Slot;
  readonly #lanes: Lanes;
  readonly #owner: LaneOwner | undefined;
  readonly #line: WaitingLine | undefined;
  /** Not used yet. */
  #turn: Turn | undefined;
  /** The last request's. */
  #sent: { readonly turn: Turn; readonly at: number } | undefined;
  #isNewAttempt = false;

  constructor(flight: Flight, slot: Slot, lanes: Lanes, owner: LaneOwner | undefined) {
    this.#flight = flight;
    this.#slot = slot;
    this.#lanes = lanes;
    this.#owner = owner;
    this.#line = owner && lanes.tokenLineOf(owner);
  }

  /** Takes the slot and a turn for one request, if both are free now. Returns whether it did. */
  tryTake(): boolean {
    this.#turn ??= this.#line?.takeDue(this.#lanes.clock.monotonic());
    return (this.#line === undefined || this.#turn !== undefined) && this.#slot.tryTake();
  }

  /**
   * The same after a wait. The flight whose token is needed soonest is next.
   *
   * @throws TokenError `quota_exhausted`, or the flight's reason to end
   */
  async take(): Promise<void> {
    const flight = this.#flight;
    const { signal } = flight;
    this.#turn ??= await this.#line?.wait({
      identity: "",
      neededAt: flight.neededAt,
      signal,
      onQueued: (hurry) => flight.onUrgent(hurry),
    });
    flight.onUrgent(() => this.#slot.hurry());
    await this.#slot.take(flight.neededAt);
  }

  /** An attempt begins: its first request is sent now. */
  begin(): void {
    if (this.#turn !== undefined) this.#use(this.#turn);
    this.#turn = undefined;
    this.#isNewAttempt = true;
  }

  /**
   * A turn for the attempt's next request. The first one has its turn already. A further one goes before all other flights,
   * since this flight holds the slot and the lease.
   */
  takeTurn(): Promise<void> | undefined {
    const line = this.#line;
    if (this.#isNewAttempt || line === undefined) {
      this.#isNewAttempt = false;
      return undefined;
    }
    const { signal } = this.#flight;
    return line.wait({ identity: "", signal, isFirst: true }).then((turn) => this.#use(turn));
  }

  /** Learns from the token endpoint's answer. */
  async learn(answer: ApiAnswer): Promise<void> {
    if (this.#owner === undefined || this.#line === undefined || this.#sent === undefined) return;
    const refusal = await this.#owner.rules.refusal(answer, this.#lanes.clock);
    this.#lanes.learn(this.#owner, this.#line, this.#sent.turn, this.#sent.at, answer, refusal);
  }

  #use(turn: Turn): void {
    this.#sent = { turn, at: this.#lanes.clock.monotonic() };
  }

  /** Gives the slot to the next flight, and a turn that was not used. */
  free(): void {
    this.#slot.free();
    if (this.#turn !== undefined) this.#line?.giveBack(this.#turn);
    this.#turn = undefined;
  }
}

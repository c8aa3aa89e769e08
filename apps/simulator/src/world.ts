import type { Clock, Timer } from "@x/token-cache-core";

/** True time 0 of every schedule, epoch ms. */
export const EPOCH_MS = 1_800_000_000_000;

export interface Happening {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** True time, and all that is still to happen in it, in one queue. Nothing else makes time pass. */
export class World {
  /** Timers ring late by at most this time. */
  readonly timersLateMs: number = 2;
  /** How many happenings there were. */
  happened = 0;
  readonly #queue: Happening[] = [];
  #order = 0;
  #now = 0;

  /** Ms since the schedule's start. */
  get now(): number {
    return this.#now;
  }

  at(at: number, run: () => void): Happening {
    const happening = { at: Math.max(at, this.now), order: this.#order++, run, isCancelled: false };
    push(this.#queue, happening);
    return happening;
  }

  after(delayMs: number, run: () => void): Happening {
    return this.at(this.now + delayMs, run);
  }

  /** Lets everything happen up to a moment, one after the other, each with all promises that follow from it. */
  async run(until: number, settle: () => void): Promise<void> {
    for (let next = this.#queue[0]; next !== undefined && next.at <= until; next = this.#queue[0]) {
      pop(this.#queue);
      if (next.isCancelled) continue;
      this.#now = next.at;
      this.happened++;
      next.run();
      await drained();
      settle();
    }
    this.#now = until;
  }
}

/** All microtasks that are due, and those that they make due, have run. */
export function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const isBefore = (one: Happening, other: Happening) =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** Into a binary heap. */
function push(heap: Happening[], item: Happening): void {
  let index = heap.push(item) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(item, heap[parent] as Happening)) break;
    heap[index] = heap[parent] as Happening;
    index = parent;
  }
  heap[index] = item;
}

function pop(heap: Happening[]): void {
  const last = heap.pop() as Happening;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Happening, heap[child] as Happening)) child++;
    if (child >= heap.length || !isBefore(heap[child] as Happening, last)) break;
    heap[index] = heap[child] as Happening;
    index = child;
  }
  heap[index] = last;
}

/** How wrong a machine's clocks are. */
export interface ClockFaults {
  /** The wall clock is this far ahead, in ms. */
  readonly skewMs: number;
  /** Both clocks run this much too fast, as a share; negative for too slow. */
  readonly drift: number;
}

/** A pending timer that no schedule lives to see is not queued. */
const NEVER_MS = 100 * 365 * 24 * 3_600_000;

/**
 * A machine with clocks of its own, which can sleep: meanwhile the monotonic clock stands still, and whatever comes
 * arrives when it wakes. A machine that is off gets nothing any more.
 */
export class Machine implements Clock {
  readonly #world: World;
  readonly #rate: number;
  readonly #timers = new Set<object>();
  readonly #faults: ClockFaults;
  #wallAheadMs: number;
  #sleptMs = 0;
  #setBackMs = 0;
  #wasStepped = false;
  #awakeAt = 0;
  wasSetForward = false;
  isOff = false;

  constructor(world: World, faults: ClockFaults) {
    this.#world = world;
    this.#faults = faults;
    this.#rate = 1 + faults.drift;
    this.#wallAheadMs = faults.skewMs;
  }

  /** The same machine for the next process: nothing that was meant for the last one reaches it. */
  restarted(): Machine {
    this.isOff = true;
    const machine = new Machine(this.#world, { ...this.#faults, skewMs: this.#wallAheadMs });
    machine.#sleptMs = this.#sleptMs;
    machine.#awakeAt = this.#awakeAt;
    machine.#setBackMs = this.#setBackMs;
    machine.#wasStepped = this.#wasStepped;
    machine.wasSetForward = this.wasSetForward;
    return machine;
  }

  wall(): number {
    return Math.floor(EPOCH_MS + this.#wallAheadMs + this.#world.now * this.#rate);
  }

  monotonic(): number {
    const restMs = Math.max(0, this.#awakeAt - this.#world.now);
    return (this.#world.now - this.#sleptMs + restMs) * this.#rate;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    let alarm: Happening | undefined;
    const timer = {};
    this.#timers.add(timer);
    const dueAt = this.monotonic() + Math.max(0, delayMs);
    const arm = () => {
      const leftMs = (dueAt - this.monotonic()) / this.#rate;
      alarm = this.after(Math.max(0, leftMs), () => {
        if (!this.#timers.has(timer)) return;
        if (dueAt - this.monotonic() > 1e-3) return arm();
        this.#timers.delete(timer);
        callback();
      });
    };
    if (delayMs < NEVER_MS) arm();
    const cancel = () => {
      this.#timers.delete(timer);
      if (alarm !== undefined) alarm.isCancelled = true;
    };
    return { cancel, keepAlive() {} };
  }

  /** Something reaches this machine, as soon as it is awake. */
  after(delayMs: number, run: () => void): Happening {
    return this.#world.after(delayMs, () => this.whenAwake(run));
  }

  /** Something is here, and happens as soon as this machine is awake. */
  whenAwake(run: () => void): void {
    if (this.isOff) return;
    if (this.#world.now < this.#awakeAt) this.#world.at(this.#awakeAt, () => this.whenAwake(run));
    else run();
  }

  stepWall(ms: number): void {
    this.#wallAheadMs += ms;
    this.#wasStepped = true;
    if (ms < 0) this.#setBackMs -= ms;
    else this.wasSetForward = true;
  }

  get isAwake(): boolean {
    return this.#world.now >= this.#awakeAt;
  }

  get sleptMs(): number {
    return this.#sleptMs;
  }

  /** So much of the time that has passed can be hidden from both clocks: it slept, and its wall clock was set back. */
  get confusionMs(): number {
    return Math.min(this.#sleptMs, this.#setBackMs);
  }

  /** Whether both clocks only ever ran, if at another pace. */
  get isSteady(): boolean {
    return this.#sleptMs === 0 && !this.#wasStepped;
  }

  sleep(ms: number): void {
    const until = Math.max(this.#awakeAt, this.#world.now + ms);
    this.#sleptMs += until - Math.max(this.#awakeAt, this.#world.now);
    this.#awakeAt = until;
  }
}

// Sets a process's clocks ahead, all of them alike, without waiting.

let offsetMs = 0;

const now = Date.now;
const monotonic = performance.now.bind(performance);

/** From now on this process's clocks can be set ahead. To be called before anything that keeps a clock is loaded. */
export function packForTimeTravel(): void {
  const OriginalDate = Date;
  globalThis.Date = class extends OriginalDate {
    constructor(...args: ConstructorParameters<typeof OriginalDate> | []) {
      if (args.length === 0) super(now() + offsetMs);
      else super(...(args as ConstructorParameters<typeof OriginalDate>));
    }
    static override now(): number {
      return now() + offsetMs;
    }
  } as DateConstructor;
  performance.now = () => monotonic() + offsetMs;
}

export function travelTo(ms: number): void {
  offsetMs = ms;
}

/** The time that has really passed, in ms. */
export function realNow(): number {
  return monotonic();
}

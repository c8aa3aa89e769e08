// Moves both clocks of a process ahead together, without waiting.

let offsetMs = 0;

const now = Date.now;
const monotonic = performance.now.bind(performance);

/** Replaces the clocks of this process. Call it before any module that keeps a reference to a clock is loaded. */
export function replaceClocks(): void {
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

export function setClocksAhead(ms: number): void {
  offsetMs = ms;
}

/** The real monotonic clock, in ms. */
export function realNow(): number {
  return monotonic();
}

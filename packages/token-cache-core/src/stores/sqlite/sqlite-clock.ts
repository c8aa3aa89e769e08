import { builtin } from "./sqlite-file.ts";

/** The two clocks that all processes of one machine share. */
export interface MachineClock {
  /** Wall clock, epoch ms. Can be stepped in either direction. */
  wall(): number;
  /** Time since the machine was started, in ms. Starts anew with it. */
  monotonic(): number;
}

/** One moment, as the machine's clocks saw it. */
export interface MachineInstant {
  readonly wall: number;
  readonly uptime: number;
}

/** When a row's life was written down and when it ends, as its columns hold it. */
export interface WrittenLife {
  /** Epoch ms. */
  readonly ends_wall: number;
  readonly life_ms: number;
  readonly written_uptime: number;
}

/** To ask for the uptime takes longer than to read a token. In between, the process's own monotonic clock counts. */
const UPTIME_INTERVAL_MS = 1_000;

let asked = { at: Number.NEGATIVE_INFINITY, uptimeMs: 0 };

/** This machine's clocks. `performance.now()` alone would not do: it starts with each process. */
export const machineClock: MachineClock = {
  wall: () => Date.now(),
  monotonic() {
    const at = performance.now();
    if (at - asked.at > UPTIME_INTERVAL_MS) asked = { at, uptimeMs: (builtin("node:os")?.uptime() ?? 0) * 1_000 };
    return asked.uptimeMs + (at - asked.at);
  },
};

/** Two processes do not agree on the uptime to the millisecond: it is told in hundredths of a second. */
const UPTIME_TOLERANCE_MS = 100;

/**
 * The remaining life of a row, in ms; 0 or less when it is over. As everywhere, the clock counts that says more time has
 * passed: the wall clock after a restart of the machine, the uptime when the wall clock was stepped back. Where both say
 * that it is earlier than when the row was written, nothing is known, and no life is left.
 */
export function remainingLifeMs(row: WrittenLife, now: MachineInstant): number {
  const elapsedMs = Math.max(now.wall - (row.ends_wall - row.life_ms), now.uptime - row.written_uptime);
  return elapsedMs < -UPTIME_TOLERANCE_MS ? 0 : row.life_ms - Math.max(0, elapsedMs);
}

import { builtin } from "./sqlite-file.ts";

/** The two clocks that all processes of one machine share. */
export interface MachineClock {
  /** Wall clock, epoch ms. Can be stepped in either direction. */
  wall(): number;
  /** Time since the machine started, in ms. */
  monotonic(): number;
}

/** One moment, by both clocks. */
export interface MachineInstant {
  readonly wall: number;
  readonly uptime: number;
}

/** When a row was written and when it expires, as its columns hold it. */
export interface WrittenLife {
  /** Epoch ms. */
  readonly ends_wall: number;
  readonly life_ms: number;
  readonly written_uptime: number;
}

/**
 * How often the uptime is read: reading it takes longer than reading a token. In between, `performance.now()` counts.
 */
const UPTIME_INTERVAL_MS = 1_000;

let lastRead = { at: Number.NEGATIVE_INFINITY, uptimeMs: 0 };

/** This machine's clocks. `performance.now()` alone starts again with each process. */
export const machineClock: MachineClock = {
  wall: () => Date.now(),
  monotonic() {
    const at = performance.now();
    if (at - lastRead.at > UPTIME_INTERVAL_MS) lastRead = { at, uptimeMs: (builtin("node:os")?.uptime() ?? 0) * 1_000 };
    return lastRead.uptimeMs + (at - lastRead.at);
  },
};

/** Two processes read different uptimes at the same moment: it comes in hundredths of a second. */
const UPTIME_TOLERANCE_MS = 100;

/**
 * The remaining life of a row, in ms; 0 or less when it has expired. The clock that says more time has passed counts.
 * That is the wall clock after a restart of the machine, and the uptime after the wall clock was stepped back. If both
 * are earlier than the time of writing, the age is unknown, and the row counts as expired.
 */
export function remainingLifeMs(row: WrittenLife, now: MachineInstant): number {
  const elapsedMs = Math.max(now.wall - (row.ends_wall - row.life_ms), now.uptime - row.written_uptime);
  return elapsedMs < -UPTIME_TOLERANCE_MS ? 0 : row.life_ms - Math.max(0, elapsedMs);
}

import { builtin } from "./sqlite-file.ts";

/** The two clocks that all processes of one machine share. */
export interface MachineClock {
  /** Wall clock, epoch ms. Can be stepped in either direction. */
  wall(): number;
  /** Time since the machine was started, in ms. Starts anew with it. */
  monotonic(): number;
}

/** This machine's clocks. `performance.now()` would not do: it starts with each process. */
export const machineClock: MachineClock = {
  wall: () => Date.now(),
  monotonic: () => (builtin("node:os")?.uptime() ?? 0) * 1_000,
};

/**
 * In SQL, the remaining life of a row in ms. As everywhere, the clock counts that says more time has passed: the wall
 * clock after a restart of the machine, the uptime when the wall clock was stepped back. Where both say that it is
 * earlier than when the row was written, nothing is known, and no life is left.
 */
export const REMAINING_MS = `iif(
  max(:wall - (ends_wall - life_ms), :uptime - written_uptime) < 0, 0,
  life_ms - max(:wall - (ends_wall - life_ms), :uptime - written_uptime)
)`;

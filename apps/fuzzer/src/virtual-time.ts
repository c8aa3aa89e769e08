import { setImmediate as macrotask, setTimeout as sleep } from "node:timers/promises";
import type { ManualClock } from "@x/token-cache-core/testing";
import { must } from "./target.ts";

/** The outcome of a promise. */
export type Settled<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Lets virtual time pass until the promise settles. Between two steps the event loop runs what is due.
 *
 * @throws if it has not settled within `limitMs` of virtual time
 */
export async function settle<T>(promise: Promise<T>, clock: ManualClock, limitMs = 120_000): Promise<Settled<T>> {
  let settled: Settled<T> | undefined;
  promise.then(
    (value) => (settled = { value }),
    (error: unknown) => (settled = { error }),
  );
  for (let passedMs = 0; passedMs <= limitMs; passedMs += STEP_MS) {
    for (let turn = 0; turn < TURNS && settled === undefined; turn++) await macrotask();
    if (settled !== undefined) return settled;
    await sleep(1);
    clock.advance(STEP_MS);
  }
  must(false, `It has not settled within ${limitMs} ms of virtual time.`);
}

const STEP_MS = 100;
/** Reading a body takes a few turns of the event loop; WebCrypto takes real time, too. */
const TURNS = 5;

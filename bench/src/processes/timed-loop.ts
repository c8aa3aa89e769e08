import { setImmediate as nextTurn } from "node:timers/promises";

/** The young generation is so large that nothing is collected during a run: the heap grows by what was allocated. */
export const STEADY_HEAP = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];

/** Makes this many calls, one after another. */
export type Loop = (count: number) => Promise<void>;

/** Warms a loop up. Returns how many calls take about `wantedMs`. */
export async function countFor(loop: Loop, wantedMs: number): Promise<number> {
  let count = 500;
  for (;;) {
    const began = performance.now();
    await loop(count);
    const tookMs = performance.now() - began;
    if (tookMs >= wantedMs / 2) return Math.max(1, Math.round((count * wantedMs) / tookMs));
    count *= 2;
  }
}

/** ns per call of one run. */
export async function nsPerCall(loop: Loop, count: number): Promise<number> {
  await nextTurn();
  const began = process.hrtime.bigint();
  await loop(count);
  return Number(process.hrtime.bigint() - began) / count;
}

/** The heap's growth per call. If the heap shrinks, a collection ran in between: it repeats with fewer calls. */
export async function bytesPerCall(loop: Loop): Promise<number> {
  for (let count = 100_000; count >= 1_000; count /= 10) {
    await loop(1_000);
    globalThis.gc?.();
    await nextTurn();
    const once = await growthOf(loop, count);
    const twice = await growthOf(loop, 2 * count);
    // The difference leaves out what a loop allocates once.
    if (once > 0 && twice >= once) return Math.round((twice - once) / count);
  }
  return Number.NaN;
}

async function growthOf(loop: Loop, count: number): Promise<number> {
  const before = process.memoryUsage().heapUsed;
  await loop(count);
  return process.memoryUsage().heapUsed - before;
}

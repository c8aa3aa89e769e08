// Time and memory of a token that is there already: two floors and one contender, in turns, alone in a process.

import { setImmediate as nextTurn } from "node:timers/promises";
import { asChild } from "../child-process.ts";
import { loadContender } from "../contenders/registry.ts";
import { newEndpoint } from "../token-endpoint.ts";

export interface HotPathInput {
  readonly contender: string;
  readonly origin: string;
  readonly runs: number;
  readonly runMs: number;
}

/** Of each run, in ns per call; and bytes per call, floors not taken off. */
export interface HotPathResult {
  readonly bareNs: number[];
  readonly clockNs: number[];
  readonly callNs: number[];
  readonly bareBytes: number;
  readonly clockBytes: number;
  readonly callBytes: number;
}

type Loop = (count: number) => Promise<void>;

await asChild(async ({ contender, origin, runs, runMs }: HotPathInput): Promise<HotPathResult> => {
  const client = await (await loadContender(contender)).connect(newEndpoint(origin));
  const token = await client.getToken();
  const { getToken } = client;

  // Each loop is written out: shared code would be optimised for all of them at once, and so for none.
  const resolved = Promise.resolve(token);
  const bare: Loop = async (count) => {
    for (let left = count; left > 0; left--) await resolved;
  };
  const until = Date.now() + 3_600_000;
  const clock: Loop = async (count) => {
    for (let left = count; left > 0; left--) {
      if (Date.now() >= until) throw new Error("The token has expired.");
      await resolved;
    }
  };
  const call: Loop = async (count) => {
    for (let left = count; left > 0; left--) await getToken();
  };

  const callCount = await countFor(call, runMs);
  const floorCount = await countFor(bare, runMs);
  const clockCount = await countFor(clock, runMs);
  const result = { bareNs: [] as number[], clockNs: [] as number[], callNs: [] as number[] };
  for (let run = 0; run < runs; run++) {
    result.bareNs.push(await nsPerCall(bare, floorCount));
    result.clockNs.push(await nsPerCall(clock, clockCount));
    result.callNs.push(await nsPerCall(call, callCount));
  }
  const bytes = { bareBytes: await bytesPerCall(bare), clockBytes: await bytesPerCall(clock) };
  return { ...result, ...bytes, callBytes: await bytesPerCall(call) };
});

/** Warms a loop up, and finds how many calls take about so long. */
async function countFor(loop: Loop, wantedMs: number): Promise<number> {
  let count = 500;
  for (;;) {
    const began = performance.now();
    await loop(count);
    const tookMs = performance.now() - began;
    if (tookMs >= wantedMs / 2) return Math.max(1, Math.round((count * wantedMs) / tookMs));
    count *= 2;
  }
}

async function nsPerCall(loop: Loop, count: number): Promise<number> {
  await nextTurn();
  const began = process.hrtime.bigint();
  await loop(count);
  return Number(process.hrtime.bigint() - began) / count;
}

/**
 * How much the heap grows by a call. The process runs with a young generation so large that nothing is collected on the
 * way; should it be all the same, the heap is smaller afterwards and the figure is taken again from fewer calls.
 */
async function bytesPerCall(loop: Loop): Promise<number> {
  for (let count = 100_000; count >= 1_000; count /= 10) {
    await loop(1_000);
    globalThis.gc?.();
    await nextTurn();
    const counts = [count, 2 * count] as const;
    const grown: number[] = [];
    for (const each of counts) {
      const before = process.memoryUsage().heapUsed;
      await loop(each);
      grown.push(process.memoryUsage().heapUsed - before);
    }
    const [once = 0, twice = 0] = grown;
    // What a loop costs as a whole is the same in both.
    const bytes = (twice - once) / count;
    if (once > 0 && twice >= once) return bytes;
  }
  return Number.NaN;
}

// Many callers at once, with no token there yet: one contender and the hand-written floor, in turns.

import { asChild } from "../child-process.ts";
import { HAND_WRITTEN, loadContender } from "../contenders/registry.ts";
import { behave, newEndpoint, stateOf } from "../token-endpoint.ts";

export interface ColdInput {
  readonly contender: string;
  readonly origin: string;
  readonly callers: number;
  readonly delayMs: number;
  readonly runs: number;
}

export interface ColdResult {
  readonly wallMs: number[];
  readonly floorMs: number[];
  /** Token requests of each run. */
  readonly requests: number[];
}

await asChild(async ({ contender, origin, callers, delayMs, runs }: ColdInput): Promise<ColdResult> => {
  const result: ColdResult = { wallMs: [], floorMs: [], requests: [] };
  // The first run is for what a process does once: loading its fetch, and compiling.
  for (let run = -1; run < runs; run++) {
    const floor = await once(HAND_WRITTEN);
    const measured = await once(contender);
    if (run < 0) continue;
    result.floorMs.push(floor.wallMs);
    result.wallMs.push(measured.wallMs);
    result.requests.push(measured.requests);
  }
  return result;

  async function once(name: string): Promise<{ wallMs: number; requests: number }> {
    const endpoint = newEndpoint(origin);
    await behave(endpoint, { delayMs });
    const client = await (await loadContender(name)).connect(endpoint);
    const began = performance.now();
    await Promise.all(Array.from({ length: callers }, () => client.getToken()));
    const wallMs = performance.now() - began;
    const { tokenRequests } = await stateOf(endpoint);
    await client.close?.();
    return { wallMs, requests: tokenRequests };
  }
});

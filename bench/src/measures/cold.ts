import { connectTo, handWritten, ours } from "../clients/contenders.ts";
import { type Measure, measureEach, required, rowsOf } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { behave, newEndpoint, stateOf } from "../processes/token-endpoint.ts";
import { figure, spread } from "../report/figures.ts";
import { summarize } from "../report/statistics.ts";

const DELAY_MS = 50;
const CALLERS = 1_000;

export const cold: Measure = {
  name: "cold",
  title: "1,000 callers at once, no token yet",
  explanation:
    `The endpoint takes ${DELAY_MS} ms. The table shows how many token requests it receives, and how long it takes until ` +
    "all callers have their token. Each contender takes turns with the hand-written lines in its process. The difference " +
    "is taken within each turn.",
  isQuick: true,
  async run({ quick, contenders, server, progress }) {
    const names = contenders.map(({ name }) => name);
    const outcomes = await measureEach(names, (contender) => {
      progress(contender);
      return callInChild(import.meta.url, startCold, { contender, origin: server.origin, runs: quick ? 3 : 9 });
    });
    const our = required(outcomes, ours.name);
    const difference = beyondFloor(our);
    const requests = Math.max(...our.requests);
    return {
      data: Object.fromEntries(outcomes.results),
      tables: [
        {
          columns: ["", "token requests", "wall, ms", "more than hand-written, ms"],
          rows: rowsOf(names, outcomes, (start) => [
            spread(summarize(start.requests)),
            spread(summarize(start.wallMs)),
            spread(beyondFloor(start)),
          ]),
        },
      ],
      targets: [
        { wanted: "1 request", reached: figure(requests), isMet: requests === 1, isExact: true },
        {
          wanted: "within 5 ms of the hand-written lines",
          reached: `${figure(difference.median)} ms`,
          isMet: difference.median <= 5,
        },
      ],
    };
  },
};

function beyondFloor({ wallMs, floorMs }: ColdStart) {
  return summarize(wallMs.map((wall, run) => wall - (floorMs[run] ?? Number.NaN)));
}

interface ColdStart {
  readonly wallMs: number[];
  /** The wall time of the hand-written lines. */
  readonly floorMs: number[];
  /** Token requests of each run. */
  readonly requests: number[];
}

interface ColdInput {
  readonly contender: string;
  readonly origin: string;
  readonly runs: number;
}

/** Runs in a process of its own: the hand-written lines and one contender, in turns. */
export async function startCold({ contender, origin, runs }: ColdInput): Promise<ColdStart> {
  const result: ColdStart = { wallMs: [], floorMs: [], requests: [] };
  // The first run loads fetch and compiles. It does not count.
  for (let run = -1; run < runs; run++) {
    const floor = await once(handWritten.name);
    const measured = await once(contender);
    if (run < 0) continue;
    result.floorMs.push(floor.wallMs);
    result.wallMs.push(measured.wallMs);
    result.requests.push(measured.requests);
  }
  return result;

  async function once(name: string): Promise<{ wallMs: number; requests: number }> {
    const endpoint = newEndpoint(origin);
    await behave(endpoint, { delayMs: DELAY_MS });
    const client = await connectTo(name, endpoint);
    const began = performance.now();
    await Promise.all(Array.from({ length: CALLERS }, () => client.getToken()));
    const wallMs = performance.now() - began;
    const { tokenRequests } = await stateOf(endpoint);
    await client.close?.();
    return { wallMs, requests: tokenRequests };
  }
}

import { connectTo, ours } from "../clients/contenders.ts";
import { type Measure, measureEach, required, rowsOf } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { bytesPerCall, countFor, type Loop, nsPerCall, STEADY_HEAP } from "../processes/timed-loop.ts";
import { newEndpoint } from "../processes/token-endpoint.ts";
import { figure, spread, times } from "../report/figures.ts";
import { ratios, summarize } from "../report/statistics.ts";

export const hotPath: Measure = {
  name: "hot-path",
  title: "A cached token",
  explanation:
    "One call for a cached token. Each contender runs in a process of its own and takes turns there with two floors: a " +
    "bare await of a resolved promise, and the same plus one Date.now(), the least that a correct check needs. A ratio " +
    "is taken within each turn. Bytes are the growth of the heap per call. Date.now() itself allocates 16, a number on " +
    "the heap.",
  isQuick: true,
  async run({ quick, contenders, server, progress }) {
    const names = contenders.filter(({ keepsTokens }) => keepsTokens).map(({ name }) => name);
    const [runs, runMs] = quick ? [5, 20] : [25, 40];
    const outcomes = await measureEach(names, (contender) => {
      progress(contender);
      const input = { contender, origin: server.origin, runs, runMs };
      return callInChild(import.meta.url, costOfHit, input, { flags: STEADY_HEAP });
    });
    const our = required(outcomes, ours.name);
    const ratio = ratios(our.callNs, our.clockNs);
    const others = names.flatMap((name) => (name === ours.name ? [] : (outcomes.results.get(name) ?? [])));
    const best = Math.min(...others.map(({ callNs, clockNs }) => ratios(callNs, clockNs).median));
    return {
      data: Object.fromEntries(outcomes.results),
      tables: [
        {
          columns: [
            "",
            "ns per call",
            "× bare await",
            "× await and clock",
            "bytes per call",
            "more than await and clock",
          ],
          rows: rowsOf(names, outcomes, (cost) => [
            spread(summarize(cost.callNs)),
            times(ratios(cost.callNs, cost.bareNs)),
            times(ratios(cost.callNs, cost.clockNs)),
            figure(cost.callBytes),
            figure(cost.callBytes - cost.clockBytes),
          ]),
        },
        {
          title: "The floors, in the process of ours",
          columns: ["", "ns", "bytes"],
          rows: [
            ["a bare await", spread(summarize(our.bareNs)), figure(our.bareBytes)],
            ["the same and one Date.now()", spread(summarize(our.clockNs)), figure(our.clockBytes)],
          ],
        },
      ],
      targets: [
        { wanted: "at most 1.10 × await and clock", reached: times(ratio), isMet: ratio.median <= 1.1 },
        ...(others.length > 0
          ? [
              {
                wanted: "faster than every library",
                reached: `the best other: ${best.toFixed(2)} ×`,
                isMet: ratio.median <= best,
              },
            ]
          : []),
        {
          wanted: "no bytes beyond await and clock",
          reached: `${our.callBytes - our.clockBytes} bytes`,
          isMet: our.callBytes <= our.clockBytes,
          isExact: true,
        },
      ],
    };
  },
};

/** The figures of each run, in ns per call; and bytes per call, the floors included. */
interface HitCost {
  readonly bareNs: number[];
  readonly clockNs: number[];
  readonly callNs: number[];
  readonly bareBytes: number;
  readonly clockBytes: number;
  readonly callBytes: number;
}

interface HitInput {
  readonly contender: string;
  readonly origin: string;
  readonly runs: number;
  readonly runMs: number;
}

/** Runs in a process of its own: one contender and the two floors, in turns. */
export async function costOfHit({ contender, origin, runs, runMs }: HitInput): Promise<HitCost> {
  const client = await connectTo(contender, newEndpoint(origin));
  const token = await client.getToken();
  const { getToken } = client;

  // Three loops on purpose: V8 would optimize a shared one for all three callers at once, and so for none.
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
  const ns = { bareNs: [] as number[], clockNs: [] as number[], callNs: [] as number[] };
  for (let run = 0; run < runs; run++) {
    ns.bareNs.push(await nsPerCall(bare, floorCount));
    ns.clockNs.push(await nsPerCall(clock, clockCount));
    ns.callNs.push(await nsPerCall(call, callCount));
  }
  return {
    ...ns,
    bareBytes: await bytesPerCall(bare),
    clockBytes: await bytesPerCall(clock),
    callBytes: await bytesPerCall(call),
  };
}

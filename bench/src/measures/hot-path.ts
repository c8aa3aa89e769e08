import { runChild } from "../child-process.ts";
import type { HotPathInput, HotPathResult } from "../children/hot-path.ts";
import { contenders, loadContender, OURS } from "../contenders/registry.ts";
import { failure, figure, spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { ratios, summarize } from "../statistics.ts";

/** Nothing is collected on the way, so that what the heap grows by is what was allocated. */
const FLAGS = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];

export const hotPath: Measure = {
  name: "hot-path",
  title: "A cached token",
  explanation:
    "One call for a token that is there already. Each contender is alone in a process with two floors, which take " +
    "turns with it: a bare await of a resolved promise, and the same plus one Date.now(), the least that a correct " +
    "check needs. A ratio is taken within each turn. Bytes are what the heap grows by per call, with nothing collected " +
    "on the way; Date.now() itself makes 16, a number on the heap.",
  notes: [
    "A source remembers the token that was found for it last, so that a hit looks nothing up: the look-up in the cache's " +
      "Map took 8 ns, and with it the figure was 1.11 to 1.17 × await and clock.",
  ],
  isQuick: true,
  async run({ quick, server, progress }) {
    const rows: string[][] = [];
    const data: Record<string, HotPathResult> = {};
    for (const { name } of contenders) {
      if (quick && name !== OURS) continue;
      if (!(await loadContender(name)).keepsTokens) continue;
      progress(name);
      const input: HotPathInput = {
        contender: name,
        origin: server.origin,
        runs: quick ? 5 : 25,
        runMs: quick ? 20 : 40,
      };
      try {
        const result = await runChild<HotPathResult>("hot-path", input, { flags: FLAGS });
        data[name] = result;
        rows.push([
          name,
          spread(summarize(result.callNs)),
          times(ratios(result.callNs, result.bareNs)),
          times(ratios(result.callNs, result.clockNs)),
          figure(Math.round(result.callBytes)),
          figure(Math.round(result.callBytes) - Math.round(result.clockBytes)),
        ]);
      } catch (error) {
        rows.push([name, failure(error)]);
      }
    }
    const ours = data[OURS];
    if (ours === undefined) throw new Error("Ours could not be measured.");
    const ratio = ratios(ours.callNs, ours.clockNs);
    const extraBytes = Math.round(ours.callBytes) - Math.round(ours.clockBytes);
    const others = Object.entries(data).filter(([name]) => name !== OURS);
    const best = Math.min(...others.map(([, { callNs, clockNs }]) => ratios(callNs, clockNs).median));
    return {
      data,
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
          rows,
        },
        {
          title: "The floors, in the process of ours",
          columns: ["", "ns", "bytes"],
          rows: [
            ["a bare await", spread(summarize(ours.bareNs)), figure(Math.round(ours.bareBytes))],
            ["the same and one Date.now()", spread(summarize(ours.clockNs)), figure(Math.round(ours.clockBytes))],
          ],
        },
      ],
      targets: [
        { wanted: "at most 1.10 × await and clock", reached: times(ratio), isMet: ratio.median <= 1.1 },
        ...(others.length > 0
          ? [
              {
                wanted: "under every library",
                reached: `the best other: ${best.toFixed(2)} ×`,
                isMet: ratio.median <= best,
              },
            ]
          : []),
        {
          wanted: "no bytes beyond await and clock",
          reached: `${extraBytes} bytes`,
          isMet: extraBytes <= 0,
          isExact: true,
        },
      ],
    };
  },
};

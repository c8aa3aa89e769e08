import { runChild } from "../child-process.ts";
import type { ColdInput, ColdResult } from "../children/cold.ts";
import { contenders, OURS } from "../contenders/registry.ts";
import { failure, figure, spread } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { summarize } from "../statistics.ts";

const DELAY_MS = 50;
const CALLERS = 1_000;

export const cold: Measure = {
  name: "cold",
  title: "1,000 callers at once, no token yet",
  explanation:
    "The endpoint takes 50 ms. How many token requests it sees, and how long until all callers have their token. The " +
    "hand-written lines take turns with each contender in its process; the difference is taken within each turn.",
  isQuick: true,
  async run({ quick, server, progress }) {
    const rows: string[][] = [];
    const data: Record<string, ColdResult> = {};
    for (const { name } of contenders) {
      if (quick && name !== OURS) continue;
      progress(name);
      const runs = quick ? 3 : 9;
      const input: ColdInput = { contender: name, origin: server.origin, callers: CALLERS, delayMs: DELAY_MS, runs };
      try {
        const result = await runChild<ColdResult>("cold", input);
        data[name] = result;
        rows.push([
          name,
          spread(summarize(result.requests)),
          spread(summarize(result.wallMs)),
          spread(differences(result)),
        ]);
      } catch (error) {
        rows.push([name, failure(error)]);
      }
    }
    const ours = data[OURS];
    if (ours === undefined) throw new Error("Ours could not be measured.");
    const difference = differences(ours);
    const requests = Math.max(...ours.requests);
    return {
      data,
      tables: [{ columns: ["", "token requests", "wall, ms", "more than hand-written, ms"], rows }],
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

function differences({ wallMs, floorMs }: ColdResult) {
  return summarize(wallMs.map((wall, run) => wall - (floorMs[run] ?? Number.NaN)));
}

import { runChild } from "../child-process.ts";
import type { ApiCallsInput, ApiCallsResult } from "../children/api-calls.ts";
import { spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { ratios, summarize } from "../statistics.ts";

const PROCESSES = 12;

export const apiCalls: Measure = {
  name: "api-calls",
  title: "auth.fetch against bare fetch",
  explanation:
    "The same GET of a small JSON answer on loopback with the same Authorization header, by auth.fetch and by the " +
    "platform's fetch, in turns of a hundred calls that change places, in twelve processes. One after another tells the latency, 50 at a " +
    "time the throughput. A loopback answer takes a fraction of a millisecond; over a network the share is far smaller.",
  notes: [
    "Between two loopback calls the processor's caches are full of something else, so that whatever is done takes several " +
      "times as long as where it is alone. What made 1.09 and 1.16 × these figures: a list of pairs in place of a Headers " +
      "object, one answer a second to learn the API's clock from and not every one, the header's text made once per " +
      "token, and fewer copies of the init.",
  ],
  isQuick: false,
  async run({ server }) {
    const input: ApiCallsInput = { origin: server.origin, runs: 80, calls: 100 };
    const result: ApiCallsResult = { oneByOne: { bare: [], ours: [] }, fiftyAtOnce: { bare: [], ours: [] } };
    // The way in which a process happens to compile its code makes as much of a difference as what is measured.
    for (let process = 0; process < PROCESSES; process++) {
      const { oneByOne, fiftyAtOnce } = await runChild<ApiCallsResult>("api-calls", input);
      for (const who of ["bare", "ours"] as const) {
        result.oneByOne[who].push(...oneByOne[who]);
        result.fiftyAtOnce[who].push(...fiftyAtOnce[who]);
      }
    }
    const ways = [
      ["one after another", result.oneByOne],
      ["50 at a time", result.fiftyAtOnce],
    ] as const;
    return {
      data: result,
      tables: [
        {
          columns: ["", "fetch, ms per call", "auth.fetch, ms per call", "ratio"],
          rows: ways.map(([name, { bare, ours }]) => [
            name,
            spread(summarize(bare)),
            spread(summarize(ours)),
            times(ratios(ours, bare)),
          ]),
        },
      ],
      targets: ways.map(([name, { bare, ours }]) => {
        const ratio = ratios(ours, bare);
        return { wanted: `at most 5 % added, ${name}`, reached: times(ratio), isMet: ratio.median <= 1.05 };
      }),
    };
  },
};

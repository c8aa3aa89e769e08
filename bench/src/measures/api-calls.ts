import { runChild } from "../child-process.ts";
import type { ApiCallsInput, ApiCallsResult } from "../children/api-calls.ts";
import { spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { ratios, summarize } from "../statistics.ts";

export const apiCalls: Measure = {
  name: "api-calls",
  title: "auth.fetch against bare fetch",
  explanation:
    "The same GET of a small JSON answer on loopback with the same Authorization header, by auth.fetch and by the " +
    "platform's fetch, in turns of some hundred calls that change places. One after another tells the latency, 50 at a " +
    "time the throughput. A loopback answer takes a fraction of a millisecond; over a network the share is far smaller.",
  notes: [
    "auth.fetch itself takes 2.5 µs where it is the only thing that runs (4.3 µs before it took each request apart once " +
      "instead of twice); between two loopback calls, with the processor's caches full of something else, it is some 8 µs, " +
      "and 5 more where the API's clock is learnt from. That is more than 5 % of a call that takes 60 µs of processor " +
      "time, and less than 1 % of one that crosses a network in 2 ms.",
  ],
  isQuick: false,
  async run({ server }) {
    const input: ApiCallsInput = { origin: server.origin, runs: 100, calls: 80 };
    const result = await runChild<ApiCallsResult>("api-calls", input);
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

import { runChild } from "../child-process.ts";
import type { IdentitiesInput, IdentitiesResult } from "../children/identities.ts";
import { figure, spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { ratios, summarize } from "../statistics.ts";

const IDENTITIES = 100_000;

export const identities: Measure = {
  name: "identities",
  title: "100,000 identities in one cache",
  explanation:
    "A cached token by TokenCache.getToken, asked of one identity only and of 100,000 at random, in turns in one " +
    "process, and so for two floors, a Map and a library. Bytes are the live heap after filling, per identity: keys of " +
    "64 characters, tokens of 136. The sources are the caller's and do not count.",
  notes: [
    "Twice the figure of one identity is not to be had with a check: 100,000 tokens are larger than the processor's " +
      "nearest caches, and every object that a call touches is one more to be fetched from memory. An array of promises " +
      "that looks at a clock, but not at when its tokens end, is beyond that already. Ours touches the source, the " +
      "token's entry, its moment and its promise, and stays near a Map that does nothing else.",
    "Tried: the entry's moment in whole seconds, so that it is no object of its own, and a full check once a minute " +
      "instead of once a second, made no difference. What a source remembers made it 950 ns of 1,750. Before the tokens " +
      "in memory were made smaller, an identity took 1,088 bytes.",
  ],
  isQuick: false,
  async run() {
    const input: IdentitiesInput = { identities: IDENTITIES, runs: 9 };
    const flags = ["--expose-gc"];
    const result = await runChild<IdentitiesResult>("identities", input, { flags });
    const ratioOf = (name: string) => ratios(result.manyNs[name] ?? [], result.oneNs[name] ?? []);
    const ours = ratioOf("ours");
    const bytes = result.bytesEach["ours"] ?? Number.NaN;
    return {
      data: result,
      tables: [
        {
          columns: ["", "one identity, ns", "100,000 at random, ns", "ratio"],
          rows: Object.keys(result.oneNs).map((name) => [
            name,
            spread(summarize(result.oneNs[name] ?? [])),
            spread(summarize(result.manyNs[name] ?? [])),
            times(ratioOf(name)),
          ]),
        },
        {
          columns: ["", "bytes per identity"],
          rows: Object.entries(result.bytesEach).map(([name, each]) => [name, figure(Math.round(each))]),
        },
      ],
      targets: [
        { wanted: "at most 2 × the figure of one identity", reached: times(ours), isMet: ours.median <= 2 },
        {
          wanted: "at most 600 bytes per identity",
          reached: `${figure(Math.round(bytes))} bytes`,
          isMet: bytes <= 600,
        },
      ],
    };
  },
};

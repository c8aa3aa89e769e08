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
    "process. Bytes are the live heap after filling, per identity: keys of 64 characters, tokens of 136. The sources " +
    "are the caller's and do not count.",
  notes: [
    "Twice the figure of one identity is not to be had by anything that keeps its tokens in memory: 100,000 of them are " +
      "larger than the processor's caches, and a bare Map of promises takes several times as long, too. Ours touches " +
      "more of it per call, because a token that was last asked for more than a second ago gets a full check by both " +
      "clocks. It stays at some two millionths of a second.",
    "Before the tokens in memory were made smaller, an identity took 1,088 bytes.",
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

import { runChild } from "../child-process.ts";
import type { SignaturesInput, SignaturesResult } from "../children/signatures.ts";
import { figure, spread } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { summarize } from "../statistics.ts";

export const signatures: Measure = {
  name: "signatures",
  title: "200 Naver tokens at once",
  explanation:
    "200 applications with secrets of bcrypt cost 4, whose tokens are all asked for at once: the longest time for which " +
    "the event loop does nothing else. The others are the 200 hashes alone, without a token request.",
  isQuick: true,
  async run({ quick, server }) {
    const input: SignaturesInput = { origin: server.origin, runs: 7, isQuick: quick };
    const { stallMs, wallMs, hashesOfOneApplication } = await runChild<SignaturesResult>("signatures", input);
    const hashes = {
      wanted: "1 hash for 200 sellers of one application",
      reached: figure(hashesOfOneApplication),
      isMet: hashesOfOneApplication === 1,
      isExact: true,
    };
    const ours = stallMs["ours"];
    const stall = ours && summarize(ours);
    return {
      data: { stallMs, wallMs, hashesOfOneApplication },
      tables: [
        {
          columns: ["", "longest stall, ms", "until all are done, ms"],
          rows: Object.entries(stallMs).map(([name, each]) => [
            name,
            spread(summarize(each)),
            spread(summarize(wallMs[name] ?? [])),
          ]),
        },
      ],
      targets: [
        ...(stall ? [{ wanted: "at most 15 ms", reached: `${spread(stall)} ms`, isMet: stall.median <= 15 }] : []),
        hashes,
      ],
    };
  },
};

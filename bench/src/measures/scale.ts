import { runChild } from "../child-process.ts";
import type { ScaleInput, ScaleResult } from "../children/scale.ts";
import { figure } from "../figures.ts";
import type { Measure } from "../measure.ts";

const INPUT: ScaleInput = { identities: 100_000, hours: 24, everyMinutes: 5 };

export const scale: Measure = {
  name: "scale",
  title: "A day with 100,000 identities",
  explanation:
    "In virtual time: all identities are issued their first token within one minute, and each is used every five minutes " +
    "for a day, with tokens of an hour and Toss's renewal policy. Renewals spread by the jitter that is drawn once per " +
    "token. The live heap is that of the whole process, sources included.",
  notes: [
    "Where a provider sends the same token until shortly before its end, renewals cannot be spread further than that: " +
      "100,000 Naver tokens issued in one minute must be renewed within 28 minutes three hours later, at some six times " +
      "the mean, and drift apart only over the following renewals. Their token requests are bounded in concurrency, and " +
      "nobody waits for them.",
  ],
  isQuick: false,
  async run() {
    const result = await runChild<ScaleResult>("scale", INPUT, { flags: ["--expose-gc"], timeoutMs: 300_000 });
    const { issuesPerBucket, heapAtFirst, heapAtLast } = result;
    const total = issuesPerBucket.reduce((sum, count) => sum + count, 0);
    const mean = total / issuesPerBucket.length;
    const peakToMean = Math.max(...issuesPerBucket) / mean;
    const growth = heapAtLast / heapAtFirst;
    const inMegabytes = (bytes: number) => `${figure(bytes / 1e6)} MB`;
    return {
      data: result,
      tables: [
        {
          columns: ["tokens issued", "mean in 5 min", "peak in 5 min", "peak to mean", "heap at first", "heap at last"],
          rows: [
            [
              figure(total),
              figure(Math.round(mean)),
              figure(Math.max(...issuesPerBucket)),
              figure(peakToMean),
              inMegabytes(heapAtFirst),
              inMegabytes(heapAtLast),
            ],
          ],
        },
      ],
      targets: [
        { wanted: "a peak below 2 × the mean", reached: `${figure(peakToMean)} ×`, isMet: peakToMean < 2 },
        { wanted: "no growth: at most 1.1 × the heap", reached: `${figure(growth)} ×`, isMet: growth <= 1.1 },
      ],
    };
  },
};

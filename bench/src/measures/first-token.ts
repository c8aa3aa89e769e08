import { runChild } from "../child-process.ts";
import type { FirstTokenInput } from "../children/first-token.ts";
import { spread, times } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { ratios, summarize } from "../statistics.ts";
import { newEndpoint } from "../token-endpoint.ts";

export const firstToken: Measure = {
  name: "first-token",
  title: "A fresh process's first token",
  explanation:
    "From the first line of a fresh process to its token: import and issue by a provider's auth, against one bare fetch " +
    "of the same request, in turns. Node's own start is in neither, which makes the ratio stricter.",
  notes: [
    "Two thirds of the difference are the import (see Importing), of which ky alone takes nearly all that the target " +
      "allows; zod and its schemas take some 3 ms, all else some 4. The token request is a plain fetch: ky is for the " +
      "API's calls, which need it as soon as there is an auth. Tried without effect: loading zod while the answer is on " +
      "its way.",
  ],
  isQuick: false,
  async run({ server }) {
    const bare: number[] = [];
    const ours: number[] = [];
    const { tokenUrl } = newEndpoint(server.origin);
    for (let run = -1; run < 21; run++) {
      const one = await runChild<number>("first-token", { way: "bare fetch", tokenUrl } satisfies FirstTokenInput);
      const two = await runChild<number>("first-token", { way: "ours", tokenUrl } satisfies FirstTokenInput);
      if (run < 0) continue;
      bare.push(one);
      ours.push(two);
    }
    const ratio = ratios(ours, bare);
    return {
      data: { bare, ours },
      tables: [
        {
          columns: ["", "ms"],
          rows: [
            ["one bare fetch", spread(summarize(bare))],
            ["ours", spread(summarize(ours))],
            ["ratio", times(ratio)],
          ],
        },
      ],
      targets: [{ wanted: "at most 1.3 × a bare fetch", reached: times(ratio), isMet: ratio.median <= 1.3 }],
    };
  },
};

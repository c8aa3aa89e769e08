import { runChild } from "../child-process.ts";
import type { RenewalInput, RenewalResult } from "../children/renewal.ts";
import { contenders, loadContender, OURS } from "../contenders/registry.ts";
import { failure, figure } from "../figures.ts";
import type { Measure } from "../measure.ts";

export const expiry: Measure = {
  name: "expiry",
  title: "When the token comes of age",
  explanation:
    "A token of an hour; the process's clocks are set ahead step by step towards its end, and at each step 100 callers " +
    "ask at once. The table tells of the first step that leads to a token request: how long before the end it was, how " +
    "many of the callers waited for the answer, and how many requests there were.",
  isQuick: true,
  async run({ quick, server, progress }) {
    const rows: string[][] = [];
    const data: Record<string, RenewalResult> = {};
    for (const { name } of contenders) {
      if (quick && name !== OURS) continue;
      if (!(await loadContender(name)).keepsTokens) continue;
      progress(name);
      const input: RenewalInput = { contender: name, origin: server.origin, answers: "ok" };
      try {
        const result = await runChild<RenewalResult>("renewal", input);
        data[name] = result;
        const { beforeEndSeconds } = result;
        const when = beforeEndSeconds === undefined ? "after it" : `${figure(beforeEndSeconds)} s`;
        rows.push([name, when, `${result.waited} of 100`, figure(result.requests)]);
      } catch (error) {
        rows.push([name, failure(error)]);
      }
    }
    const ours = data[OURS];
    if (ours === undefined) throw new Error("Ours could not be measured.");
    return {
      data,
      tables: [{ columns: ["", "asks before the end", "callers that wait", "token requests"], rows }],
      targets: [
        { wanted: "nobody waits", reached: `${ours.waited} of 100`, isMet: ours.waited === 0 },
        { wanted: "1 request", reached: figure(ours.requests), isMet: ours.requests === 1, isExact: true },
      ],
    };
  },
};

import { runChild } from "../child-process.ts";
import type { ImportInput, ImportResult } from "../children/import.ts";
import { PEERS, PROVIDERS } from "../contenders/registry.ts";
import { failure, figure, spread } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { summarize } from "../statistics.ts";

/** Parts that ours and others are made of. */
const PARTS = ["ky", "zod", "zod/mini", "bcryptjs"];

/** Ours are held to a target, so that they are looked at more often. */
const RUNS = 41;
const PEER_RUNS = 9;

const MOST_FILES = 30;
const MOST_MS = 15;

export const imports: Measure = {
  name: "imports",
  title: "Importing",
  explanation:
    "A fresh process imports one package and then touches Request, at which Node loads its own fetch: any fetch pays " +
    "that sooner or later, some packages at their import. So the third figure, import and touch less the touch alone of " +
    "the same turn, is what the package itself adds. Files are those that Node reads, of the package and all that it " +
    "imports.",
  notes: [
    "Most of what a provider adds is ky, whose 20 files Node finds and compiles one by one. With ky compiled in it would " +
      "be some 5 ms less: not done, since its types are the API's, and a copy of its own would have other `ky.stop` and " +
      "`HTTPError` than the one that an application imports. What brought the rest down: one file for what core's entries " +
      "share, no documentation comments in the compiled files, and zod loaded with the first answer (2 ms). Tried without " +
      "effect: minified files.",
  ],
  isQuick: true,
  async run({ quick, progress }) {
    const modules = quick ? PROVIDERS : [...PROVIDERS, ...PEERS, ...PARTS];
    const files: Record<string, number> = {};
    const rounds: Record<string, { importMs: number[]; beyondTouchMs: number[] }> = {};
    const touchMs: number[] = [];
    const problems = new Map<string, string>();
    for (const module of modules) {
      try {
        files[module] = (await measure({ module, counts: true })).files;
      } catch (error) {
        problems.set(module, failure(error));
      }
    }
    for (let run = 0; run < (quick ? 3 : RUNS); run++) {
      progress(`run ${run + 1}`);
      for (const module of run < PEER_RUNS ? modules : PROVIDERS) {
        if (problems.has(module)) continue;
        const touch = await measure({ counts: false });
        const { importMs, wholeMs } = await measure({ module, counts: false });
        touchMs.push(touch.wholeMs);
        rounds[module] ??= { importMs: [], beyondTouchMs: [] };
        rounds[module].importMs.push(importMs);
        rounds[module].beyondTouchMs.push(wholeMs - touch.wholeMs);
      }
    }
    return {
      data: { files, rounds, touchMs },
      tables: [
        {
          columns: ["", "import, ms", "beyond the touch, ms", "files"],
          rows: [
            ["the touch of Request alone", spread(summarize(touchMs)), "", "0"],
            ...modules.map((module) => {
              const round = rounds[module];
              if (round === undefined) return [module, problems.get(module) ?? ""];
              const { importMs, beyondTouchMs } = round;
              return [
                module,
                spread(summarize(importMs)),
                spread(summarize(beyondTouchMs)),
                figure(files[module] ?? 0),
              ];
            }),
          ],
        },
      ],
      targets: PROVIDERS.flatMap((module) => {
        const beyond = summarize(rounds[module]?.beyondTouchMs ?? [Number.NaN]);
        const count = files[module] ?? Number.POSITIVE_INFINITY;
        return [
          {
            wanted: `${module}: at most ${MOST_MS} ms beyond the touch`,
            reached: `${spread(beyond)} ms`,
            isMet: beyond.median <= MOST_MS,
          },
          {
            wanted: `${module}: at most ${MOST_FILES} files`,
            reached: figure(count),
            isMet: count <= MOST_FILES,
            isExact: true,
          },
        ];
      }),
    };
  },
};

function measure(input: ImportInput): Promise<ImportResult> {
  return runChild<ImportResult>("import", input);
}

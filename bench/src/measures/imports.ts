import { registerHooks } from "node:module";
import { importFromContenders, PEERS, PROVIDERS } from "../clients/contenders.ts";
import { type Measure, measureEach, rowsOf } from "../measure.ts";
import { callInChild } from "../processes/child-process.ts";
import { figure, spread } from "../report/figures.ts";
import { summarize } from "../report/statistics.ts";

/** Packages that ours and others consist of. */
const PARTS = ["ky", "zod", "zod/mini", "bcryptjs"];

/** Ours have a target, so they run more often. */
const RUNS = 41;
const PEER_RUNS = 9;

const MOST_FILES = 30;
const MOST_MS = 15;

export const imports: Measure = {
  name: "imports",
  title: "Importing",
  explanation:
    "A fresh process imports one package and then touches Request, which makes Node load its own fetch. Every use of " +
    "fetch pays for that; some packages pay at their import. So the third figure is what the package itself adds: import " +
    "and touch, less the touch alone of the same turn. Files are all that Node reads for the import.",
  isQuick: true,
  async run({ quick, progress }) {
    const urls = await urlsOf(quick);
    const names = [...urls.keys()];
    const outcomes = await measureEach(names, async (name) => ({
      files: await callInChild(import.meta.url, filesOfImport, urls.get(name) as string),
      importMs: [] as number[],
      beyondTouchMs: [] as number[],
    }));
    const touchMs: number[] = [];
    for (let run = 0; run < (quick ? 3 : RUNS); run++) {
      progress(`run ${run + 1}`);
      for (const [name, { importMs, beyondTouchMs }] of outcomes.results) {
        if (run >= PEER_RUNS && !isOurs(name)) continue;
        const touch = await callInChild(import.meta.url, timeOfImport, null);
        const times = await callInChild(import.meta.url, timeOfImport, urls.get(name) as string);
        touchMs.push(touch.wholeMs);
        importMs.push(times.importMs);
        beyondTouchMs.push(times.wholeMs - touch.wholeMs);
      }
    }
    return {
      data: { touchMs, imports: Object.fromEntries(outcomes.results) },
      tables: [
        {
          columns: ["", "import, ms", "beyond the touch, ms", "files"],
          rows: [
            ["the touch of Request alone", spread(summarize(touchMs)), "", "0"],
            ...rowsOf(names, outcomes, ({ importMs, beyondTouchMs, files }) => [
              spread(summarize(importMs)),
              spread(summarize(beyondTouchMs)),
              figure(files),
            ]),
          ],
        },
      ],
      targets: PROVIDERS.flatMap((name) => {
        const { beyondTouchMs = [Number.NaN], files = Number.NaN } = outcomes.results.get(name) ?? {};
        const beyond = summarize(beyondTouchMs);
        return [
          {
            wanted: `${name}: at most ${MOST_MS} ms beyond the touch`,
            reached: `${spread(beyond)} ms`,
            isMet: beyond.median <= MOST_MS,
          },
          {
            wanted: `${name}: at most ${MOST_FILES} files`,
            reached: figure(files),
            isMet: files <= MOST_FILES,
            isExact: true,
          },
        ];
      }),
    };
  },
};

function isOurs(name: string): boolean {
  return (PROVIDERS as readonly string[]).includes(name);
}

/** By package, the URL of its entry: the contenders' project has packages that this one lacks. */
async function urlsOf(quick: boolean): Promise<ReadonlyMap<string, string>> {
  const { resolve } = await importFromContenders<{ resolve(name: string): string }>("resolve");
  const names = [...PROVIDERS, ...(quick ? [] : [...PEERS, ...PARTS])];
  return new Map(names.map((name) => [name, resolve(name)]));
}

/** Runs in a process of its own. Returns the number of files that Node reads. */
export async function filesOfImport(url: string): Promise<number> {
  const files = new Set<string>();
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:")) files.add(url);
      return nextLoad(url, context);
    },
  });
  await import(url);
  return files.size;
}

/** Runs in a process of its own. `null` imports nothing and times the touch alone. */
export async function timeOfImport(url: string | null): Promise<{ importMs: number; wholeMs: number }> {
  const began = performance.now();
  if (url !== null) await import(url);
  const imported = performance.now();
  void globalThis.Request;
  return { importMs: imported - began, wholeMs: performance.now() - began };
}

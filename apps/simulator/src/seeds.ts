import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Breach } from "./rules.ts";

/** Some seeds that one worker runs. */
export interface Batch {
  readonly from: number;
  readonly seeds: number;
}

/** What came of a batch. */
export interface BatchOutcome {
  readonly happenings: number;
  readonly told: Readonly<Record<string, number>>;
  /** The first breach of each seed that broke a rule. */
  readonly broken: readonly (Breach & { readonly seed: number })[];
}

/** What came of many seeds. */
export interface Summary {
  readonly from: number;
  readonly seeds: number;
  readonly seconds: number;
  readonly happenings: number;
  readonly told: Readonly<Record<string, number>>;
  /** How many seeds broke a rule. */
  readonly broken: number;
  readonly breaches: BatchOutcome["broken"];
}

const BATCH = 100;

/** A worker that takes longer for a batch hangs: the library runs in a circle, and no promise will end it. */
const LONGEST_BATCH_MS = 60_000;

export interface SimulateOptions extends Batch {
  readonly workers: number;
  /** Runs the library's sources with this mutant's patch. `""`: the sources as they are. Default: the built package. */
  readonly mutant?: string;
  /** Ends with the first seed that breaks a rule. */
  readonly untilBroken?: boolean;
}

/** Runs seeds in several processes. */
export async function simulate(options: SimulateOptions): Promise<Summary> {
  const { from, seeds, workers, untilBroken = false } = options;
  const startedAt = performance.now();
  const told: Record<string, number> = {};
  const breaches: (Breach & { seed: number })[] = [];
  let happenings = 0;
  let done = 0;
  let next = from;
  const size = untilBroken ? 20 : BATCH;
  const nextBatch = (): Batch | undefined => {
    if (next >= from + seeds || (untilBroken && breaches.length > 0)) return undefined;
    const batch = { from: next, seeds: Math.min(size, from + seeds - next) };
    next += batch.seeds;
    return batch;
  };
  const take = (outcome: BatchOutcome, batch: Batch) => {
    done += batch.seeds;
    happenings += outcome.happenings;
    for (const [what, count] of Object.entries(outcome.told)) told[what] = (told[what] ?? 0) + count;
    breaches.push(...outcome.broken);
  };
  await Promise.all(Array.from({ length: workers }, () => work(options.mutant, nextBatch, take)));
  breaches.sort((one, other) => one.seed - other.seed);
  const seconds = (performance.now() - startedAt) / 1_000;
  return { from, seeds: done, seconds, happenings, told, broken: breaches.length, breaches };
}

/** One worker process, from its first batch to its last. */
function work(
  mutant: string | undefined,
  nextBatch: () => Batch | undefined,
  take: (outcome: BatchOutcome, batch: Batch) => void,
): Promise<void> {
  const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const execArgv = mutant === undefined ? [] : ["--import", path("patched-library.ts")];
  const child = fork(path("worker.ts"), { execArgv, env: { ...process.env, MUTANT: mutant ?? "" } });
  return new Promise((resolve, reject) => {
    let batch: Batch | undefined;
    let isHanging = false;
    let watchdog: NodeJS.Timeout | undefined;
    const go = () => {
      batch = nextBatch();
      clearTimeout(watchdog);
      if (batch === undefined) return child.disconnect();
      watchdog = setTimeout(() => {
        isHanging = child.kill("SIGKILL");
      }, LONGEST_BATCH_MS);
      child.send(batch);
    };
    child.on("message", (outcome) => {
      if (batch !== undefined) take(outcome as BatchOutcome, batch);
      go();
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      clearTimeout(watchdog);
      if (isHanging && batch !== undefined) {
        const what = `no end within ${LONGEST_BATCH_MS / 1_000} s, in one of ${batch.seeds} seeds from ${batch.from}`;
        const breach = { seed: batch.from, rule: "the library hangs", at: 0, what, traceLength: 0 };
        take({ happenings: 0, told: {}, broken: [breach] }, batch);
      }
      if (code === 0 || isHanging) resolve();
      else reject(new Error(`A worker ended with code ${code}, at seed ${batch?.from} or soon after.`));
    });
    go();
  });
}

/** As text, for a terminal. */
export function report({ from, seeds, seconds, happenings, broken, breaches }: Summary): string {
  const lines = [...Map.groupBy(breaches, ({ rule }) => rule)].map(([rule, all]) => {
    const examples = all
      .slice(0, 5)
      .map(({ seed, at, what }) => `    seed ${seed}, ${(at / 1_000).toFixed(3)} s: ${what}`);
    return [`${rule}: ${all.length} seeds`, ...examples].join("\n");
  });
  const effort = `${seeds} seeds from ${from}, ${happenings} happenings, ${seconds.toFixed(1)} s`;
  const verdict =
    broken === 0 ? "All rules hold." : `${broken} seeds break a rule. See one: pnpm simulate --seed N --shrink`;
  return [...lines, `${verdict} (${effort})`].join("\n");
}

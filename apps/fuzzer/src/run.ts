import fc from "fast-check";
import type { Target } from "./target.ts";

/** How many runs, and from which seed. */
export interface Extent {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly seconds?: number | undefined;
  /** The path in a failure's report: runs that case alone. */
  readonly path?: string | undefined;
  /** Whether to look for the smallest input that fails. Default true. */
  readonly shrinks?: boolean | undefined;
}

export interface Outcome {
  readonly target: Target;
  readonly runs: number;
  readonly seconds: number;
  /** The smallest input that broke the rule, and how to run it again. */
  readonly failure: string | undefined;
}

/** One run that takes longer hangs. */
const RUN_LIMIT_MS = 30_000;
/** How long to shrink a slow failure. */
const SHRINK_LIMIT_MS = 60_000;

/** Runs one target until its rule is broken or the extent is over. Each batch has its own seed. */
export async function runTarget(
  target: Target,
  { seed, runs, seconds, path, shrinks = true }: Extent,
): Promise<Outcome> {
  const began = performance.now();
  const passedS = () => (performance.now() - began) / 1_000;
  const { property, close } = await target.open();
  let done = 0;
  try {
    for (let batchSeed = seed; ; batchSeed++) {
      const details = await fc.check(property, {
        seed: batchSeed,
        numRuns: Math.min(target.shortRuns, (runs ?? Number.POSITIVE_INFINITY) - done),
        timeout: RUN_LIMIT_MS,
        endOnFailure: !shrinks,
        includeErrorInReport: true,
        interruptAfterTimeLimit: RUN_LIMIT_MS * target.shortRuns + SHRINK_LIMIT_MS,
        ...(path !== undefined && { path }),
      });
      done += details.numRuns;
      if (details.failed) {
        const again = `pnpm fuzz --only ${target.name} --seed ${batchSeed} --path ${details.counterexamplePath}`;
        const failure = `${await fc.asyncDefaultReportMessage(details)}\nAgain: ${again}`;
        return { target, runs: done, seconds: passedS(), failure };
      }
      const isOver = seconds === undefined ? done >= (runs ?? 0) : passedS() >= seconds || done >= (runs ?? Infinity);
      if (isOver || path !== undefined) return { target, runs: done, seconds: passedS(), failure: undefined };
    }
  } finally {
    await close?.();
  }
}

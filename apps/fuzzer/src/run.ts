import fc from "fast-check";
import type { Target } from "./target.ts";

/** How long and from where on. */
export interface Extent {
  readonly seed: number;
  readonly runs?: number | undefined;
  readonly seconds?: number | undefined;
  /** Where a failure was found, as the report of a failure says: runs that case alone. */
  readonly path?: string | undefined;
}

export interface Outcome {
  readonly target: Target;
  readonly runs: number;
  readonly seconds: number;
  /** How the rule was broken by the smallest input that was found, and how to see it again. */
  readonly failure: string | undefined;
}

/** Runs one target. A failure is shrunk to the smallest input that still breaks the rule, for some more seconds. */
export async function runTarget(target: Target, { seed, runs, seconds, path }: Extent): Promise<Outcome> {
  const began = performance.now();
  const { property, close } = await target.open();
  try {
    const details = await fc.check(property, {
      seed,
      numRuns: runs ?? Number.MAX_SAFE_INTEGER,
      ...(path !== undefined && { path }),
      ...(seconds !== undefined && { interruptAfterTimeLimit: seconds * 1_000 }),
    });
    // A run that was interrupted before its first case ended counts as failed, and has no counterexample.
    const failure =
      details.counterexample !== null
        ? `${await fc.asyncDefaultReportMessage(details)}\nAgain: pnpm fuzz --only ${target.name} --seed ${seed} --path ${details.counterexamplePath}`
        : undefined;
    return { target, runs: details.numRuns, seconds: (performance.now() - began) / 1_000, failure };
  } finally {
    await close?.();
  }
}

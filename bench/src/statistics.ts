/** The middle of what was measured, and how far it was spread. */
export interface Summary {
  readonly runs: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error("There is nothing to summarize.");
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    runs: sorted.length,
    median: quantile(sorted, 0.5),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
  };
}

/**
 * How many times more one thing took than another. Each run's figure is divided by that of the same run, so that what
 * slows the machine down for a while slows both.
 */
export function ratios(samples: readonly number[], against: readonly number[]): Summary {
  if (samples.length !== against.length) throw new Error("A ratio is taken within a run: both need the same runs.");
  return summarize(samples.map((sample, run) => sample / (against[run] as number)));
}

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

/** The median and the range of a measurement's runs. */
export interface Summary {
  readonly runs: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function summarize(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error("A summary needs at least one run.");
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    runs: sorted.length,
    median: quantile(sorted, 0.5),
    min: sorted[0] as number,
    max: sorted.at(-1) as number,
  };
}

/**
 * Divides each run's figure by the other's figure of the same run. A machine that is slow for a while slows both, so the
 * ratio holds.
 */
export function ratios(samples: readonly number[], against: readonly number[]): Summary {
  if (samples.length !== against.length) throw new Error("A ratio needs the same number of runs on both sides.");
  return summarize(samples.map((sample, run) => sample / (against[run] as number)));
}

function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

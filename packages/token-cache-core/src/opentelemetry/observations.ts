import type { Attributes, BatchObservableResult, Observable } from "@opentelemetry/api";

interface Series {
  readonly attributes: Attributes;
  value: number | undefined;
}

/** OpenTelemetry's SDK keeps no more attribute sets of a metric either. */
const MOST_SETS = 2_000;

/**
 * What the observable instruments report at one collection. OpenTelemetry's SDK repeats the last value of an attribute
 * set that is no longer observed. So a set that was observed once is reported each time, if need be as its end value.
 */
export class Observations {
  readonly #endValues: ReadonlyMap<Observable, number>;
  readonly #series = new Map<Observable, Map<string, Series>>();

  /** @param endValues by instrument: what a set without a value reports, for instance `NaN` */
  constructor(endValues: ReadonlyMap<Observable, number>) {
    this.#endValues = endValues;
    for (const instrument of endValues.keys()) this.#series.set(instrument, new Map());
  }

  /** Combines a value with the one that the set has at this collection. */
  observe(
    instrument: Observable,
    attributes: Attributes,
    value: number,
    combine: (before: number, value: number) => number,
  ): void {
    const series = this.#seriesOf(instrument, attributes);
    series.value = series.value === undefined ? value : combine(series.value, value);
  }

  /** Reports all sets, and begins with empty ones. */
  report(result: BatchObservableResult): void {
    for (const [instrument, all] of this.#series) {
      for (const [id, series] of all) {
        result.observe(instrument, series.value ?? this.#endValues.get(instrument) ?? 0, series.attributes);
        if (series.value === undefined && all.size > MOST_SETS) all.delete(id);
        series.value = undefined;
      }
    }
  }

  #seriesOf(instrument: Observable, attributes: Attributes): Series {
    const all = this.#series.get(instrument) ?? new Map<string, Series>();
    const id = JSON.stringify(attributes);
    let series = all.get(id);
    if (series === undefined) {
      series = { attributes, value: undefined };
      all.set(id, series);
    }
    return series;
  }
}

/** Ways to combine two values. */
export const sum = (one: number, other: number): number => one + other;
export const least = (one: number, other: number): number => Math.min(one, other);
export const farthestFromZero = (one: number, other: number): number => (Math.abs(other) > Math.abs(one) ? other : one);

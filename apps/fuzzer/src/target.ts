import type fc from "fast-check";

/** One kind of hostile input, and what must hold whatever it is. */
export interface Target {
  /** For `--only` and the report. */
  readonly name: string;
  /** What is thrown in: a sentence for docs/fuzzing.md. */
  readonly input: string;
  /** What must hold, in one sentence. */
  readonly rule: string;
  /** Runs of the short form, which takes some seconds for all targets together. */
  readonly shortRuns: number;
  /** The property, and what its runs share. */
  open(): Promise<OpenTarget> | OpenTarget;
}

export interface OpenTarget {
  readonly property: fc.IAsyncProperty<unknown>;
  close?(): Promise<void>;
}

/** Says that a rule does not hold. */
export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule);
}

import type fc from "fast-check";

/** One kind of hostile input, and the rule that must hold for all of it. */
export interface Target {
  /** For `--only` and the report. */
  readonly name: string;
  /** The input, in a sentence for docs/fuzzing.md. */
  readonly input: string;
  /** What must hold, in one sentence. */
  readonly rule: string;
  /** Runs of the short form: all targets together take some seconds. */
  readonly shortRuns: number;
  /** The property, and what its runs share. */
  open(): Promise<OpenTarget> | OpenTarget;
}

export interface OpenTarget {
  readonly property: fc.IAsyncProperty<unknown>;
  close?(): Promise<void>;
}

/** The error for a broken rule. */
export function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule);
}

/** A protection that is taken out of a copy of the sources. */
export interface Mutant {
  /** What the library does without it. */
  readonly name: string;
  /** The target that has to find it. */
  readonly target: string;
  readonly changes: readonly Change[];
}

/** A piece of code that occurs once in its file, and what it becomes. */
interface Change {
  /** Below `packages`. */
  readonly file: string;
  readonly code: string;
  readonly becomes: string;
}

const CORE = "token-cache-core/src";

export const mutants: readonly Mutant[] = [
  {
    name: "looks past an unreadable entry without end",
    target: "redis-values",
    changes: [],
  },
];

/** A deliberate breakage of the library: one text in one file of core's sources is replaced. */
export interface Mutant {
  readonly name: string;
  /** Below core's `src`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly search: string;
  readonly replace: string;
}

export function mutant(name: string, file: string, search: string, replace: string): Mutant {
  return { name, file, search, replace };
}

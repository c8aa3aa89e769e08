import type { Contender } from "./clients/contenders.ts";
import type { TokenServer } from "./processes/token-endpoint.ts";
import { failure } from "./report/figures.ts";

export interface MeasureContext {
  /** Few runs, without other authors' packages: only targets that noise cannot miss are judged. */
  readonly quick: boolean;
  /** Who takes part. The first is ours; in the quick form it is alone. */
  readonly contenders: readonly Contender[];
  readonly server: TokenServer;
  /** Reports the progress. */
  progress(text: string): void;
}

export interface Target {
  readonly wanted: string;
  readonly reached: string;
  readonly isMet: boolean;
  /** Noise cannot explain a miss: the quick form fails. */
  readonly isExact?: boolean;
}

export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface MeasureResult {
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** The figures behind the tables, for `--json`. */
  readonly data: unknown;
}

/** One measure, in a file of its own: what it measures, the work in child processes, and the tables. */
export interface Measure {
  /** For `--only`. */
  readonly name: string;
  /** Its heading in the report, and in NOTES.md. */
  readonly title: string;
  /** What is measured, and how. */
  readonly explanation: string;
  /** Whether the quick form takes it. */
  readonly isQuick: boolean;
  run(context: MeasureContext): Promise<MeasureResult>;
}

/** The results by name, and the names that failed, each with its reason. */
export interface Outcomes<Result> {
  readonly results: ReadonlyMap<string, Result>;
  readonly failures: ReadonlyMap<string, string>;
}

/** Measures one contender after another. A contender that fails does not stop the others. */
export async function measureEach<Result>(
  names: readonly string[],
  measure: (name: string) => Promise<Result>,
): Promise<Outcomes<Result>> {
  const results = new Map<string, Result>();
  const failures = new Map<string, string>();
  for (const name of names) {
    try {
      results.set(name, await measure(name));
    } catch (error) {
      failures.set(name, failure(error));
    }
  }
  return { results, failures };
}

/** A table's rows in the order of `names`. A failed contender's row holds its reason. */
export function rowsOf<Result>(
  names: readonly string[],
  { results, failures }: Outcomes<Result>,
  cells: (result: Result) => readonly string[],
): string[][] {
  return names.map((name) => {
    const result = results.get(name);
    return [name, ...(result === undefined ? [failures.get(name) ?? ""] : cells(result))];
  });
}

/** Without our own figures a measure says nothing. */
export function required<Result>({ results, failures }: Outcomes<Result>, name: string): Result {
  const result = results.get(name);
  if (result === undefined) throw new Error(failures.get(name) ?? `${name} is missing.`);
  return result;
}

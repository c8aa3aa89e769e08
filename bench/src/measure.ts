import type { TokenServer } from "./token-endpoint.ts";

/** What a measure is run with. */
export interface MeasureContext {
  /** Ours alone, few runs: only what noise cannot explain is judged. */
  readonly quick: boolean;
  readonly server: TokenServer;
  /** Says what is being done. */
  progress(text: string): void;
}

/** One thing that is to be reached, and whether it was. */
export interface Target {
  readonly wanted: string;
  readonly reached: string;
  readonly isMet: boolean;
  /** Noise cannot explain it if this is missed: the quick form fails. */
  readonly isExact?: boolean;
}

export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a measure came to. */
export interface MeasureResult {
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** The figures behind the tables, for machines. */
  readonly data: unknown;
}

export interface Measure {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how, in plain sentences. */
  readonly explanation: string;
  /** What falls short and what was tried; what cannot be measured. */
  readonly notes?: readonly string[];
  /** Whether the quick form takes it. */
  readonly isQuick: boolean;
  run(context: MeasureContext): Promise<MeasureResult>;
}

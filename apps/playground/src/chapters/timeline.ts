import type { Words } from "./words.ts";

/** The same traffic goes through both: a few lines written by hand, and the package. */
export const SIDES = ["hand", "ours"] as const;

export type SideName = (typeof SIDES)[number];

/** The moments in a token's life, in ms of the client's time since the play began: its jumps count in full. */
export interface DrawnLife {
  readonly from: number;
  readonly until: number;
  /** Where a background refresh may begin, and where the token counts as expired. Tokens kept by hand have neither. */
  readonly renewFrom?: number;
  readonly unusableAt?: number;
}

/**
 * What happened in a play, to be counted and drawn. `lane`: the process. `at`, `from` and `to`: ms of real time since the
 * play began. Tokens are identified by their ids.
 */
export type TimelineRecord =
  | { readonly type: "process"; readonly lane: string; readonly at: number; readonly state: "started" | "killed" }
  /** A caller: it asked for a token, or called the API. `problem`: why it got nothing. */
  | {
      readonly type: "call";
      readonly lane: string;
      readonly from: number;
      readonly to: number;
      readonly problem?: string;
    }
  /** A request to the token endpoint begins. */
  | { readonly type: "asking"; readonly lane: string; readonly at: number }
  /** A request to the token endpoint is over. That of a killed process never is. */
  | {
      readonly type: "request";
      readonly lane: string;
      readonly from: number;
      readonly to: number;
      readonly status: number | undefined;
    }
  /** The API refused the token of a call. */
  | { readonly type: "refusal"; readonly lane: string; readonly at: number }
  /** The process has this token from now on. */
  | {
      readonly type: "token";
      readonly lane: string;
      readonly at: number;
      readonly id: string;
      readonly life: DrawnLife;
    }
  /** All clocks were moved. */
  | { readonly type: "jump"; readonly at: number; readonly ms: number }
  /** Something that was done to the provider, a process or a store. */
  | { readonly type: "mark"; readonly at: number; readonly text: Words };

/** The outcome of a side. */
export interface Tally {
  readonly calls: number;
  readonly failed: number;
  /** Requests to the token endpoint. */
  readonly requests: number;
  readonly refusals: number;
  /** In ms. */
  readonly longestWaitMs: number;
  /** How often a call failed for which reason. */
  readonly problems: Readonly<Record<string, number>>;
}

/** Counts a side's records. */
export function tallyOf(records: Iterable<TimelineRecord>): Tally {
  const tally = { calls: 0, failed: 0, requests: 0, refusals: 0, longestWaitMs: 0 };
  const problems: Record<string, number> = {};
  for (const record of records) {
    if (record.type === "asking") tally.requests += 1;
    if (record.type === "refusal") tally.refusals += 1;
    if (record.type !== "call") continue;
    tally.calls += 1;
    tally.longestWaitMs = Math.max(tally.longestWaitMs, record.to - record.from);
    if (record.problem === undefined) continue;
    tally.failed += 1;
    problems[record.problem] = (problems[record.problem] ?? 0) + 1;
  }
  return { ...tally, problems };
}

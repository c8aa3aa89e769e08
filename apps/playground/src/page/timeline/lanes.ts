import type { DrawnLife, SideName, TimelineRecord } from "../../chapters/timeline.ts";
import type { SidedRecord } from "../../server/story-player.ts";
import type { Gap } from "./time-scale.ts";

type RecordOf<Type extends TimelineRecord["type"]> = Extract<TimelineRecord, { type: Type }>;

/** One process of one side, and what it did. */
export interface Lane {
  readonly side: SideName;
  /** The process. */
  readonly name: string;
  readonly calls: RecordOf<"call">[];
  readonly requests: RecordOf<"request">[];
  readonly asking: RecordOf<"asking">[];
  readonly tokens: RecordOf<"token">[];
  readonly refusals: RecordOf<"refusal">[];
  readonly states: RecordOf<"process">[];
}

/** Everything that a timeline draws. */
export interface Drawing {
  readonly lanes: readonly Lane[];
  readonly marks: readonly RecordOf<"mark">[];
  readonly gaps: readonly Gap[];
  /** The last moment at which something happened, in ms of real time since the first caller. */
  readonly end: number;
  /** When the first caller came, in ms since the play began: processes take a while to start. */
  readonly start: number;
}

/**
 * The lanes of both sides, by hand first. A side without records has none.
 *
 * @param windowMs draws only so much time, the latest
 */
export function drawingOf(records: readonly SidedRecord[], windowMs = Number.POSITIVE_INFINITY): Drawing {
  const start = startOf(records, windowMs);
  const lanes = new Map<string, Lane>();
  const marks = new Map<string, RecordOf<"mark">>();
  const gaps: Gap[] = [];
  let end = 0;
  for (const [side, given] of records) {
    const record = shifted(given, -start);
    end = Math.max(end, "to" in record ? record.to : record.at);
    // Both sides note the same things and move their clocks, at almost the same moments: once is enough.
    if (record.type === "mark") marks.set(record.text.en, marks.get(record.text.en) ?? record);
    if (record.type === "jump" && side === "ours") gaps.push(record);
    if (record.type === "mark" || record.type === "jump") continue;
    const key = `${side} ${record.lane}`;
    const lane = lanes.get(key) ?? newLane(side, record.lane);
    lanes.set(key, lane);
    add(lane, record);
  }
  const sorted = [...lanes.values()].sort((a, b) => a.side.localeCompare(b.side) || a.name.localeCompare(b.name));
  return { lanes: sorted, marks: [...marks.values()], gaps, end, start };
}

function startOf(records: readonly SidedRecord[], windowMs: number): number {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const [, record] of records) {
    if (record.type === "call") first = Math.min(first, record.from);
    if (record.type === "asking") first = Math.min(first, record.at);
    last = Math.max(last, "to" in record ? record.to : record.at);
  }
  return first === Number.POSITIVE_INFINITY ? 0 : Math.max(first, last - windowMs);
}

/** The same record on a time line that begins elsewhere. */
function shifted(record: TimelineRecord, ms: number): TimelineRecord {
  if ("from" in record) return { ...record, from: record.from + ms, to: record.to + ms };
  const at = record.at + ms;
  if (record.type !== "token") return { ...record, at };
  const life = Object.fromEntries(Object.entries(record.life).map(([name, moment]) => [name, moment + ms]));
  return { ...record, at, life: life as unknown as DrawnLife };
}

function newLane(side: SideName, name: string): Lane {
  return { side, name, calls: [], requests: [], asking: [], tokens: [], refusals: [], states: [] };
}

function add(lane: Lane, record: Exclude<TimelineRecord, { type: "mark" | "jump" }>): void {
  switch (record.type) {
    case "call":
      lane.calls.push(record);
      break;
    case "request":
      lane.requests.push(record);
      break;
    case "asking":
      lane.asking.push(record);
      break;
    case "token":
      lane.tokens.push(record);
      break;
    case "refusal":
      lane.refusals.push(record);
      break;
    case "process":
      lane.states.push(record);
      break;
  }
}

/** How many callers were waiting in each part of the axis, and how many of them got nothing in the end. */
export interface Crowd {
  readonly waiting: Float64Array;
  readonly failed: Float64Array;
}

/** Counts a lane's callers in so many parts of the axis. A call that took no time counts in its part. */
export function crowdOf(
  { calls }: Pick<Lane, "calls">,
  placeOf: (ms: number) => number,
  end: number,
  parts: number,
): Crowd {
  const [waiting, failed] = [new Float64Array(parts + 1), new Float64Array(parts + 1)];
  const partOf = (ms: number) => Math.max(0, Math.min(parts - 1, Math.floor((placeOf(ms) / end) * parts)));
  for (const { from, to, problem } of calls) {
    if (to < 0) continue;
    const counts = problem === undefined ? waiting : failed;
    const [first, last] = [partOf(from), partOf(to)];
    counts[first] = (counts[first] ?? 0) + 1;
    counts[last + 1] = (counts[last + 1] ?? 0) - 1;
  }
  for (const counts of [waiting, failed]) {
    for (let part = 1; part <= parts; part++) counts[part] = (counts[part] ?? 0) + (counts[part - 1] ?? 0);
  }
  return { waiting: waiting.slice(0, parts), failed: failed.slice(0, parts) };
}

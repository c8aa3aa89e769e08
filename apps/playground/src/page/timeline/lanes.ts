import type { SideName, TimelineRecord } from "../../chapters/timeline.ts";
import type { SidedRecord } from "../../server/story-player.ts";
import type { Gap, TimeScale } from "./time-scale.ts";

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

/** Everything that a timeline draws of one play. It grows as the play goes on. All times: ms since the play began. */
export class Drawing {
  /** By hand first. A side without records has none. */
  lanes: readonly Lane[] = [];
  readonly marks: RecordOf<"mark">[] = [];
  readonly gaps: Gap[] = [];
  /** When the first caller came: processes take a while to start. */
  start = 0;
  /** The last moment at which something happened. */
  end = 0;
  #hasCallers = false;
  readonly #moves = { hand: 0, ours: 0 };

  add(records: Iterable<SidedRecord>): void {
    for (const [side, record] of records) {
      this.end = Math.max(this.end, "to" in record ? record.to : record.at);
      if (record.type === "call") this.#begin(record.from);
      if (record.type === "asking") this.#begin(record.at);
      // Both sides note the same things at almost the same moments: once is enough.
      if (record.type === "mark" && side === "ours") this.marks.push(record);
      if (record.type === "jump") this.#addGap(side, record);
      if (record.type !== "mark" && record.type !== "jump") add(this.#lane(side, record.lane), record);
    }
  }

  /** Both sides move their clocks together, and the gap is at the earlier moment: no caller comes between the two. */
  #addGap(side: SideName, { at, ms }: Gap): void {
    const index = this.#moves[side]++;
    this.gaps[index] = { ms, at: Math.min(at, this.gaps[index]?.at ?? at) };
  }

  #begin(at: number): void {
    this.start = this.#hasCallers ? Math.min(this.start, at) : at;
    this.#hasCallers = true;
  }

  #lane(side: SideName, name: string): Lane {
    const known = this.lanes.find((lane) => lane.side === side && lane.name === name);
    if (known !== undefined) return known;
    const lane = newLane(side, name);
    this.lanes = [...this.lanes, lane].sort((a, b) => a.side.localeCompare(b.side) || a.name.localeCompare(b.name));
    return lane;
  }
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

/** Counts a lane's callers in the given number of parts of the axis. A call that took no time counts in its part. */
export function crowdOf({ calls }: Pick<Lane, "calls">, scale: TimeScale, parts: number): Crowd {
  const [waiting, failed] = [new Float64Array(parts + 1), new Float64Array(parts + 1)];
  const partOf = (ms: number) => Math.max(0, Math.min(parts - 1, Math.floor((scale.ofReal(ms) / scale.width) * parts)));
  for (const { from, to, problem } of calls) {
    if (to < scale.start) continue;
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

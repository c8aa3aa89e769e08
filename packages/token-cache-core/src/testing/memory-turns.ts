import { LANE_KEPT_MS, PROCESS_SEEN_MS, type TurnGrant, type TurnRequest } from "../contract/lane-turns.ts";
import { takeTurns } from "../rate-limit/token-bucket.ts";

interface GroupEntry {
  readonly lanes: Map<string, { lastAt: number; lastTurn: number; note: string | undefined }>;
  /** Process id to the moment at which it asked last. */
  readonly processes: Map<string, number>;
  closedUntil: number | undefined;
  usedAt: number;
}

/** How many requests pass between two removals of old entries. */
const REQUESTS_PER_SWEEP = 10_000;

/** The lanes of a memory store. */
export class MemoryTurns {
  readonly #groups = new Map<string, GroupEntry>();
  #untilSweep = REQUESTS_PER_SWEEP;

  /** Gives turns. `now`: ms of a monotonic clock. */
  take(group: string, lane: string, request: TurnRequest, now: number): TurnGrant {
    if (--this.#untilSweep <= 0) this.#sweep(now);
    const entry = this.#groupOf(group);
    entry.usedAt = now;
    entry.processes.set(request.processId, now);
    if (entry.processes.size > 1) forgetUnseen(entry.processes, now);
    const { lanes, closedUntil } = entry;
    const kept = lanes.get(lane);
    const { kept: next, grant } = takeTurns(
      {
        lane: kept && { lastInMs: kept.lastAt - now, lastTurn: kept.lastTurn, note: kept.note },
        closedForMs: closedUntil === undefined ? undefined : closedUntil - now,
      },
      request,
    );
    const { lastTurn, note } = next.lane;
    const lastAt = now + next.lane.lastInMs;
    if (kept === undefined) {
      lanes.set(lane, { lastAt, lastTurn, note });
    } else {
      kept.lastAt = lastAt;
      kept.lastTurn = lastTurn;
      kept.note = note;
    }
    entry.closedUntil = next.closedForMs === undefined ? undefined : now + next.closedForMs;
    return { ...grant, processes: entry.processes.size };
  }

  #groupOf(group: string): GroupEntry {
    let entry = this.#groups.get(group);
    if (entry === undefined) {
      entry = { lanes: new Map(), processes: new Map(), closedUntil: undefined, usedAt: 0 };
      this.#groups.set(group, entry);
    }
    return entry;
  }

  #sweep(now: number): void {
    this.#untilSweep = REQUESTS_PER_SWEEP;
    for (const [group, { lanes, closedUntil, usedAt }] of this.#groups) {
      for (const [lane, { lastAt }] of lanes) if (now - lastAt > LANE_KEPT_MS) lanes.delete(lane);
      const isOver = Math.max(usedAt, closedUntil ?? 0) + LANE_KEPT_MS < now;
      if (isOver && lanes.size === 0) this.#groups.delete(group);
    }
  }
}

function forgetUnseen(processes: Map<string, number>, now: number): void {
  for (const [id, seenAt] of processes) if (now - seenAt > PROCESS_SEEN_MS) processes.delete(id);
}

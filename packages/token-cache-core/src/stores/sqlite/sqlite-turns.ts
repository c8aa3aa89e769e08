import type { DatabaseSync } from "node:sqlite";
import { LANE_KEPT_MS, PROCESS_SEEN_MS, type TurnGrant, type TurnRequest } from "../../contract/lane-turns.ts";
import { type LaneTurns, takeTurns } from "../../rate-limit/token-bucket.ts";
import type { MachineClock } from "./sqlite-clock.ts";

/** A lane, or how long a group is closed, as of when it was written. */
interface LaneRow {
  readonly moment_in_ms: number;
  readonly last_turn: number;
  readonly note: string | null;
  readonly written_wall: number;
  readonly written_uptime: number;
}

/** The name of the row that holds how long a group is closed. No lane has an empty name. */
const GROUP = "";

/** If the uptime counts this much more than the wall clock, in ms, the wall clock was stepped back. */
const STEP_MS = 200;

const TURNS_PER_SWEEP = 1_000;

/** The lanes in a store's open file. Every method is one transaction of its caller. */
export class SqliteTurns {
  readonly #clock: MachineClock;
  readonly #statements: ReturnType<typeof prepare>;
  #turnsUntilSweep = 0;

  constructor(database: DatabaseSync, clock: MachineClock) {
    this.#clock = clock;
    this.#statements = prepare(database);
  }

  take(group: string, lane: string, request: TurnRequest): TurnGrant {
    const now = { wall: this.#clock.wall(), uptime: this.#clock.monotonic() };
    const laneRow = this.#statements.get.get(group, lane) as LaneRow | undefined;
    const groupRow = this.#statements.get.get(group, GROUP) as LaneRow | undefined;
    const { kept, grant } = takeTurns(
      {
        lane: laneRow && laneTurns(laneRow, now),
        closedForMs: groupRow && groupRow.moment_in_ms - elapsedMs(groupRow, now),
      },
      request,
    );
    const { lastInMs, lastTurn, note = null } = kept.lane;
    this.#statements.keep.run(group, lane, lastInMs, lastTurn, note, now.wall, now.uptime);
    if (kept.closedForMs !== undefined) {
      this.#statements.keep.run(group, GROUP, kept.closedForMs, 0, null, now.wall, now.uptime);
    } else if (groupRow !== undefined) {
      this.#statements.open.run(group);
    }
    this.#statements.see.run(group, request.processId, now.wall);
    this.#sweep(now.wall);
    const seen = this.#statements.processes.get(group, now.wall - PROCESS_SEEN_MS);
    return { ...grant, processes: Number(seen?.["count"] ?? 1) };
  }

  #sweep(wall: number): void {
    if (this.#turnsUntilSweep-- > 0) return;
    this.#turnsUntilSweep = TURNS_PER_SWEEP;
    this.#statements.sweepLanes.run(wall - LANE_KEPT_MS);
    this.#statements.sweepProcesses.run(wall - PROCESS_SEEN_MS);
  }
}

function laneTurns(row: LaneRow, now: { wall: number; uptime: number }): LaneTurns {
  return { lastInMs: row.moment_in_ms - elapsedMs(row, now), lastTurn: row.last_turn, note: row.note ?? undefined };
}

/**
 * The wall clock counts, since all processes of a machine read it to the same millisecond. The uptime is less exact.
 */
function elapsedMs(row: LaneRow, now: { wall: number; uptime: number }): number {
  const [byWall, byUptime] = [now.wall - row.written_wall, now.uptime - row.written_uptime];
  return byUptime - byWall > STEP_MS ? byUptime : Math.max(0, byWall);
}

function prepare(database: DatabaseSync) {
  const statement = (sql: string) => database.prepare(sql);
  return {
    get: statement(
      "SELECT moment_in_ms, last_turn, note, written_wall, written_uptime FROM lanes WHERE key = ? AND lane = ?",
    ),
    keep: statement(
      "REPLACE INTO lanes (key, lane, moment_in_ms, last_turn, note, written_wall, written_uptime) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    open: statement(`DELETE FROM lanes WHERE key = ? AND lane = '${GROUP}'`),
    see: statement("REPLACE INTO lane_processes (key, process, seen_wall) VALUES (?, ?, ?)"),
    processes: statement("SELECT count(*) AS count FROM lane_processes WHERE key = ? AND seen_wall > ?"),
    sweepLanes: statement("DELETE FROM lanes WHERE written_wall + max(moment_in_ms, 0) < ?"),
    sweepProcesses: statement("DELETE FROM lane_processes WHERE seen_wall <= ?"),
  };
}

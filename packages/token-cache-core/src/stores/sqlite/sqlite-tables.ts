import type { DatabaseSync } from "node:sqlite";
import type { TurnGrant, TurnRequest } from "../../contract/lane-turns.ts";
import type { DeleteReason, FoundToken, StoreChange, StoredToken } from "../../contract/token-store.ts";
import { deletionNotice } from "../deletion-notice.ts";
import { type MachineClock, type MachineInstant, remainingLifeMs, type WrittenLife } from "./sqlite-clock.ts";
import { SqliteTurns } from "./sqlite-turns.ts";

interface TokenRow extends WrittenLife, StoredToken {}

interface LeaseRow extends WrittenLife {
  readonly owner: string;
}

/** The operations on a store's open file. Every method is one transaction, which ends before it returns. */
export class SqliteTables {
  readonly #database: DatabaseSync;
  readonly #clock: MachineClock;
  readonly #maxTokens: number;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #turns: SqliteTurns;
  #writesUntilSweep = 0;

  constructor(database: DatabaseSync, clock: MachineClock, maxTokens: number) {
    this.#database = database;
    this.#clock = clock;
    this.#maxTokens = maxTokens;
    this.#statements = prepare(database);
    this.#turns = new SqliteTurns(database, clock);
  }

  get(key: string): FoundToken | undefined {
    const row = this.#statements.get.get(key) as TokenRow | undefined;
    const remainingMs = row === undefined ? 0 : remainingLifeMs(row, this.#now());
    return row === undefined || remainingMs <= 0 ? undefined : { id: row.id, payload: row.payload, remainingMs };
  }

  set(key: string, { id, payload }: StoredToken, lifeMs: number): void {
    this.#write(() => {
      this.#sweep();
      const kept = this.get(key);
      if (kept !== undefined && kept.id !== id && kept.remainingMs > lifeMs) return;
      const { wall, uptime } = this.#now();
      this.#statements.set.run(key, id, payload, wall + lifeMs, lifeMs, uptime);
      this.#tell({ key });
    });
  }

  delete(key: string, id: string, reason?: DeleteReason): boolean {
    return this.#write(() => {
      if (this.get(key)?.id !== id) return false;
      this.#statements.delete.run(key);
      this.#tell(deletionNotice(key, id, reason));
      return true;
    });
  }

  /** Takes the lease. Returns whether it was free. */
  takeLease(key: string, owner: string, holdMs: number): boolean {
    return this.#keepLease(key, owner, holdMs, undefined);
  }

  /** Extends the lease. Returns whether it was still the owner's. */
  extendLease(key: string, owner: string, holdMs: number): boolean {
    return this.#keepLease(key, owner, holdMs, owner);
  }

  releaseLease(key: string, owner: string): void {
    this.#write(() => {
      if (this.#statements.releaseLease.run(key, owner).changes > 0) this.#tell({ key });
    });
  }

  /** Gives turns in a lane. */
  take(group: string, lane: string, request: TurnRequest): TurnGrant {
    return this.#write(() => this.#turns.take(group, lane, request));
  }

  /** The number of the last change; it rises with every change. */
  lastChange(): number {
    return Number(this.#statements.lastChange.get()?.["number"] ?? 0);
  }

  /** The changes after the one with this number. */
  changesSince(number: number): StoreChange[] {
    return this.#statements.changesSince.all(number).map((row) => {
      const key = String(row["key"]);
      return row["refused_id"] === null ? { key } : { key, refusedTokenId: String(row["refused_id"]) };
    });
  }

  /** Writes the lease for the owner, if its current owner is the expected one. */
  #keepLease(key: string, owner: string, holdMs: number, expectedOwner: string | undefined): boolean {
    return this.#write(() => {
      const now = this.#now();
      const row = this.#statements.lease.get(key) as LeaseRow | undefined;
      const currentOwner = row !== undefined && remainingLifeMs(row, now) > 0 ? row.owner : undefined;
      if (currentOwner !== expectedOwner) return false;
      this.#statements.keepLease.run(key, owner, now.wall + holdMs, holdMs, now.uptime);
      return true;
    });
  }

  #now(): MachineInstant {
    return { wall: this.#clock.wall(), uptime: this.#clock.monotonic() };
  }

  #tell({ key, refusedTokenId }: StoreChange): void {
    this.#statements.tell.run(key, refusedTokenId ?? null);
  }

  /** Removes expired rows and surplus tokens, once every {@link WRITES_PER_SWEEP} writes: it costs some time. */
  #sweep(): void {
    if (this.#writesUntilSweep-- > 0) return;
    this.#writesUntilSweep = WRITES_PER_SWEEP;
    const wall = this.#clock.wall();
    this.#statements.sweepTokens.run(wall);
    this.#statements.sweepLeases.run(wall);
    this.#statements.sweepChanges.run(KEPT_CHANGES);
    const count = Number(this.#statements.count.get()?.["count"] ?? 0);
    // Room for the writes until the next sweep, too.
    const surplus = count + Math.min(WRITES_PER_SWEEP, this.#maxTokens) - this.#maxTokens;
    if (count >= this.#maxTokens) this.#statements.makeRoom.run(surplus);
  }

  #write<T>(work: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk has ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

const WRITES_PER_SWEEP = 256;

/** How many changes are kept: a process that polls less often misses some. */
const KEPT_CHANGES = 1_000;

function prepare(database: DatabaseSync) {
  const statement = (sql: string) => database.prepare(sql);
  return {
    get: statement("SELECT id, payload, ends_wall, life_ms, written_uptime FROM tokens WHERE key = ?"),
    set: statement(
      "REPLACE INTO tokens (key, id, payload, ends_wall, life_ms, written_uptime) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    delete: statement("DELETE FROM tokens WHERE key = ?"),
    lease: statement("SELECT owner, ends_wall, life_ms, written_uptime FROM leases WHERE key = ?"),
    keepLease: statement("REPLACE INTO leases (key, owner, ends_wall, life_ms, written_uptime) VALUES (?, ?, ?, ?, ?)"),
    releaseLease: statement("DELETE FROM leases WHERE key = ? AND owner = ?"),
    tell: statement("INSERT INTO changes (key, refused_id) VALUES (?, ?)"),
    lastChange: statement("SELECT max(number) AS number FROM changes"),
    changesSince: statement("SELECT key, refused_id FROM changes WHERE number > ? ORDER BY number"),
    sweepTokens: statement("DELETE FROM tokens WHERE ends_wall <= ?"),
    sweepLeases: statement("DELETE FROM leases WHERE ends_wall <= ?"),
    sweepChanges: statement("DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - ?"),
    count: statement("SELECT count(*) AS count FROM tokens"),
    makeRoom: statement("DELETE FROM tokens WHERE key IN (SELECT key FROM tokens ORDER BY ends_wall LIMIT ?)"),
  };
}

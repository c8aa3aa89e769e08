import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { FoundToken, StoreChange, StoredToken } from "../token-store.ts";
import { type MachineClock, REMAINING_MS } from "./sqlite-clock.ts";

/** What is done with a store's open file. Every method is one transaction, done when it returns. */
export class SqliteTables {
  readonly #database: DatabaseSync;
  readonly #clock: MachineClock;
  readonly #maxTokens: number;
  readonly #statements: ReturnType<typeof prepare>;
  #writesUntilSweep = 0;

  constructor(database: DatabaseSync, clock: MachineClock, maxTokens: number) {
    this.#database = database;
    this.#clock = clock;
    this.#maxTokens = maxTokens;
    this.#statements = prepare(database);
  }

  get(key: string): FoundToken | undefined {
    const row = this.#statements.get.get({ key, ...this.#now() });
    if (row === undefined || !(Number(row["remaining"]) > 0)) return undefined;
    return { id: String(row["id"]), payload: String(row["payload"]), remainingMs: Number(row["remaining"]) };
  }

  set(key: string, { id, payload }: StoredToken, lifeMs: number): void {
    this.#write(() => {
      this.#sweep();
      const isKept = this.#run(this.#statements.set, { key, id, payload, life: lifeMs });
      if (isKept) this.#tell({ key });
    });
  }

  delete(key: string, id: string): boolean {
    return this.#write(() => {
      const { remaining } = this.#statements.get.get({ key, ...this.#now() }) ?? {};
      const isDeleted = Number(remaining) > 0 && this.#statements.delete.run({ key, id }).changes > 0;
      if (isDeleted) this.#tell({ key, deletedId: id });
      return isDeleted;
    });
  }

  /** Whether the lease was free. */
  takeLease(key: string, owner: string, holdMs: number): boolean {
    return this.#write(() => this.#run(this.#statements.takeLease, { key, owner, life: holdMs }));
  }

  /** Whether it was still the owner's. */
  extendLease(key: string, owner: string, holdMs: number): boolean {
    return this.#write(() => this.#run(this.#statements.extendLease, { key, owner, life: holdMs }));
  }

  releaseLease(key: string, owner: string): void {
    this.#write(() => {
      if (this.#statements.releaseLease.run({ key, owner }).changes > 0) this.#tell({ key });
    });
  }

  /** A number that rises with every change. */
  lastChange(): number {
    return Number(this.#statements.lastChange.get()?.["number"] ?? 0);
  }

  /** What changed since the change of that number. */
  changesSince(number: number): StoreChange[] {
    return this.#statements.changesSince.all({ number }).map((row) => {
      const key = String(row["key"]);
      return row["deleted_id"] === null ? { key } : { key, deletedId: String(row["deleted_id"]) };
    });
  }

  #now() {
    return { wall: this.#clock.wall(), uptime: this.#clock.monotonic() };
  }

  #run(statement: StatementSync, values: Record<string, string | number>): boolean {
    return statement.run({ ...values, ...this.#now() }).changes > 0;
  }

  #tell({ key, deletedId }: StoreChange): void {
    this.#statements.tell.run({ key, id: deletedId ?? null });
  }

  /** Removes what has ended and what is too much, every now and then: it is cheap, but not free. */
  #sweep(): void {
    if (this.#writesUntilSweep-- > 0) return;
    this.#writesUntilSweep = WRITES_PER_SWEEP;
    const wall = this.#clock.wall();
    this.#statements.sweepTokens.run({ wall });
    this.#statements.sweepLeases.run({ wall });
    this.#statements.sweepChanges.run({ kept: KEPT_CHANGES });
    const count = Number(this.#statements.count.get()?.["count"] ?? 0);
    // Room for the writes until the next sweep, too.
    const surplus = count + Math.min(WRITES_PER_SWEEP, this.#maxTokens) - this.#maxTokens;
    if (count >= this.#maxTokens) this.#statements.makeRoom.run({ surplus });
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

/** Whoever looks less often than every so many changes, misses some. */
const KEPT_CHANGES = 1_000;

function prepare(database: DatabaseSync) {
  const statement = (sql: string) => database.prepare(sql);
  const written = "ends_wall = :wall + :life, life_ms = :life, written_uptime = :uptime";
  return {
    get: statement(`SELECT id, payload, ${REMAINING_MS} AS remaining FROM tokens WHERE key = :key`),
    set: statement(`
      INSERT INTO tokens (key, id, payload, ends_wall, life_ms, written_uptime)
      VALUES (:key, :id, :payload, :wall + :life, :life, :uptime)
      ON CONFLICT (key) DO UPDATE SET id = :id, payload = :payload, ${written}
      WHERE id = :id OR ${REMAINING_MS} <= :life`),
    delete: statement("DELETE FROM tokens WHERE key = :key AND id = :id"),
    takeLease: statement(`
      INSERT INTO leases (key, owner, ends_wall, life_ms, written_uptime)
      VALUES (:key, :owner, :wall + :life, :life, :uptime)
      ON CONFLICT (key) DO UPDATE SET owner = :owner, ${written}
      WHERE ${REMAINING_MS} <= 0`),
    extendLease: statement(`UPDATE leases SET ${written} WHERE key = :key AND owner = :owner AND ${REMAINING_MS} > 0`),
    releaseLease: statement("DELETE FROM leases WHERE key = :key AND owner = :owner"),
    tell: statement("INSERT INTO changes (key, deleted_id) VALUES (:key, :id)"),
    lastChange: statement("SELECT max(number) AS number FROM changes"),
    changesSince: statement("SELECT key, deleted_id FROM changes WHERE number > :number ORDER BY number"),
    sweepTokens: statement("DELETE FROM tokens WHERE ends_wall <= :wall"),
    sweepLeases: statement("DELETE FROM leases WHERE ends_wall <= :wall"),
    sweepChanges: statement("DELETE FROM changes WHERE number <= (SELECT max(number) FROM changes) - :kept"),
    count: statement("SELECT count(*) AS count FROM tokens"),
    makeRoom: statement(`
      DELETE FROM tokens WHERE key IN (SELECT key FROM tokens ORDER BY ends_wall LIMIT :surplus)`),
  };
}

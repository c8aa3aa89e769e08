import type { StoreChange } from "../../contract/token-store.ts";
import { Listeners } from "../listeners.ts";
import type { SqliteTables } from "./sqlite-tables.ts";

/** A process that uses the store may be waiting for another one, and polls faster for a while. */
const BUSY_INTERVAL_MS = 10;
const IDLE_INTERVAL_MS = 200;
const BUSY_FOR_MS = 2_000;

/**
 * Change notices of other processes. SQLite cannot call across processes, so the file is polled while there is a
 * listener. A poll costs some microseconds, and keeps no process alive.
 */
export class SqliteChanges {
  readonly #tables: (now: number) => SqliteTables;
  readonly #listeners = new Listeners<StoreChange>();
  #lastSeen: number | undefined;
  #busyUntil = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(tables: (now: number) => SqliteTables) {
    this.#tables = tables;
  }

  listen(listener: (change: StoreChange) => void): () => void {
    const stop = this.#listeners.add(listener);
    if (this.#timer === undefined) this.#look();
    return () => {
      stop();
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Polls faster for a while, since the store is in use. `now`: monotonic, in ms. */
  hurry(now: number): void {
    const wasIdle = now > this.#busyUntil;
    this.#busyUntil = now + BUSY_FOR_MS;
    if (this.#timer !== undefined && wasIdle) this.#lookLater();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastSeen = undefined;
    this.#listeners.clear();
  }

  #lookLater(): void {
    clearTimeout(this.#timer);
    const isBusy = performance.now() < this.#busyUntil;
    this.#timer = setTimeout(() => this.#look(), isBusy ? BUSY_INTERVAL_MS : IDLE_INTERVAL_MS);
    this.#timer.unref?.();
  }

  #look(): void {
    this.#lookLater();
    let changes: StoreChange[] = [];
    try {
      const tables = this.#tables(performance.now());
      const last = tables.lastChange();
      if (this.#lastSeen !== undefined && last > this.#lastSeen) changes = tables.changesSince(this.#lastSeen);
      this.#lastSeen = last;
    } catch {
      // The next operation reports the failure; waiters poll as well.
    }
    for (const change of changes) this.#listeners.notify(change);
  }
}

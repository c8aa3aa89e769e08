import { TokenError } from "../../contract/token-error.ts";
import type { StoreChange, TokenStore } from "../../contract/token-store.ts";
import { ownMembers } from "../../own-members.ts";
import { wholeMs } from "../remaining-life.ts";
import { SqliteChanges } from "./sqlite-changes.ts";
import { type MachineClock, machineClock } from "./sqlite-clock.ts";
import { explained, isBusy, openSqliteFile } from "./sqlite-file.ts";
import { SqliteTables } from "./sqlite-tables.ts";

export type { MachineClock } from "./sqlite-clock.ts";

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /**
   * The file. It is created if it is missing, in a folder that exists on a disk of this machine: WAL does not work over a
   * network. It has to be a regular file of the user that runs the process. It and the two files beside it, `-wal` and
   * `-shm`, get mode 0600.
   */
  readonly path: string;
  /** The most tokens that are kept. Those that expire soonest make room for others. Default 100,000. */
  readonly maxTokens?: number | undefined;
  /** For tests only. */
  readonly clock?: MachineClock | undefined;
}

interface OpenFile {
  readonly tables: SqliteTables;
  isReplaced(now: number): boolean;
  close(): void;
}

/** How long an operation waits for other processes to finish writing before it fails. */
const BUSY_LIMIT_MS = 1_000;

/**
 * Shares tokens between the processes of one machine, and over their restarts, in one SQLite file. Runs on Node 22.13 or
 * later, or another runtime with `node:sqlite`.
 *
 * The first operation opens the file. If that fails, every operation fails with a TokenError `invalid_options` that names
 * the cause: no `node:sqlite`; no folder; no regular file of this user; or a file that is no database, is damaged, belongs to
 * another program or version, or is not writable. Such a file is not changed.
 *
 * @throws TokenError `invalid_options` naming the option that is wrong
 */
export function sqliteStore(given: SqliteStoreOptions): TokenStore {
  const options = ownMembers(given);
  const { path, maxTokens } = checkOptions(options);
  const clock = options.clock ?? machineClock;
  let file: OpenFile | undefined;
  let isClosed = false;

  function tables(now: number): SqliteTables {
    if (isClosed)
      throw new TokenError("closed", { message: "This SQLite store is closed. Create a new one, or close it later." });
    if (file?.isReplaced(now)) closeFile();
    file ??= openFile();
    return file.tables;
  }
  function openFile(): OpenFile {
    const { database, isReplaced } = openSqliteFile(path);
    try {
      return { tables: new SqliteTables(database, clock, maxTokens), isReplaced, close: () => database.close() };
    } catch (error) {
      database.close();
      throw error;
    }
  }
  function closeFile(): void {
    file?.close();
    file = undefined;
  }
  const changes = new SqliteChanges(tables);

  /** Runs the work, again after a pause while another process writes. */
  async function operate<T>(work: (tables: SqliteTables) => T): Promise<T> {
    // Read once for all that need it: a clock read costs a noticeable share of a read of the file.
    const startedAt = performance.now();
    changes.hurry(startedAt);
    for (;;) {
      try {
        return work(tables(startedAt));
      } catch (error) {
        if (!isBusy(error) || performance.now() - startedAt > BUSY_LIMIT_MS) {
          // The next operation opens the file again.
          closeFile();
          throw explained(error, path);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 1 + 9 * Math.random()));
    }
  }

  return {
    get: (key) => operate((tables) => tables.get(key)),

    async set(key, token, remainingMs) {
      const lifeMs = wholeMs(remainingMs);
      if (lifeMs > 0) await operate((tables) => tables.set(key, token, lifeMs));
    },

    delete: (key, tokenId, reason) => operate((tables) => tables.delete(key, tokenId, reason)),

    async lease(key, holdMs) {
      const owner = crypto.randomUUID();
      if (!(await operate((tables) => tables.takeLease(key, owner, holdMs)))) return undefined;
      return {
        extend: (holdMs) => operate((tables) => tables.extendLease(key, owner, holdMs)),
        release: () => operate((tables) => tables.releaseLease(key, owner)),
      };
    },

    take: (group, lane, request) => operate((tables) => tables.take(group, lane, request)),

    changed: (listener: (change: StoreChange) => void) => changes.listen(listener),

    async close() {
      changes.close();
      isClosed = true;
      closeFile();
    },
  };
}

function checkOptions({ path, maxTokens = 100_000 }: SqliteStoreOptions) {
  // SQLite would open a URI's file, and not the one of that name that is checked and made private.
  if (typeof path === "string" && /^file:/i.test(path)) {
    const message =
      "The option path must be the path of a file, not a URI. fileURLToPath() of node:url makes one of a URL.";
    throw new TokenError("invalid_options", { message });
  }
  if (typeof path !== "string" || path === "" || path === ":memory:" || path.includes("\0")) {
    const message = "The option path must be the path of a file.";
    throw new TokenError("invalid_options", { message });
  }
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw new TokenError("invalid_options", { message: "The option maxTokens must be a whole number above 0." });
  }
  return { path, maxTokens };
}

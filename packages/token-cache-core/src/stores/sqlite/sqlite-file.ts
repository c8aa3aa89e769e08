import type { DatabaseSync } from "node:sqlite";
import { claimFile, invalidFile, makePrivate } from "./sqlite-path.ts";

/** Marks a file as one of ours: "toks" in ASCII. */
const APPLICATION_ID = 0x74_6f_6b_73;

/** Raise it with every change of the tables. */
const SCHEMA_VERSION = 1;

const SCHEMA = `
CREATE TABLE tokens (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, payload TEXT NOT NULL,
  ends_wall REAL NOT NULL, life_ms REAL NOT NULL, written_uptime REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_end ON tokens (ends_wall);
CREATE TABLE leases (
  key TEXT PRIMARY KEY, owner TEXT NOT NULL,
  ends_wall REAL NOT NULL, life_ms REAL NOT NULL, written_uptime REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, refused_id TEXT) STRICT;
CREATE TABLE lanes (
  key TEXT NOT NULL, lane TEXT NOT NULL, moment_in_ms REAL NOT NULL, last_turn INTEGER NOT NULL, note TEXT,
  written_wall REAL NOT NULL, written_uptime REAL NOT NULL, PRIMARY KEY (key, lane)
) STRICT, WITHOUT ROWID;
CREATE TABLE lane_processes (
  key TEXT NOT NULL, process TEXT NOT NULL, seen_wall REAL NOT NULL, PRIMARY KEY (key, process)
) STRICT, WITHOUT ROWID;
PRAGMA application_id = ${APPLICATION_ID};
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** How long an operation blocks the thread while another process writes. After that it waits asynchronously. */
const BUSY_TIMEOUT_MS = 20;

/** How often the path is checked for a replaced file: a check costs more than some operations. */
const LOOK_INTERVAL_MS = 1_000;

/** SQLite's result codes: https://sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** Errors of the file system that do not end by themselves. */
const UNUSABLE_PATH = new Set(["EACCES", "EPERM", "EROFS", "EISDIR", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** A store's file, opened. */
export interface SqliteFile {
  readonly database: DatabaseSync;
  /** Whether its path leads to another file, or to none: then no process shares it any more. `now`: monotonic, in ms. */
  isReplaced(now: number): boolean;
}

/**
 * Opens a store's file, and creates a missing one. Writes nothing to a file that another program or version wrote.
 *
 * @throws TokenError `invalid_options` naming what is wrong with the file, or that this runtime has no SQLite
 */
export function openSqliteFile(path: string): SqliteFile {
  const sqlite = builtin("node:sqlite");
  const fs = builtin("node:fs");
  if (sqlite === undefined || fs === undefined) throw invalidFile(NO_SQLITE);
  let database: DatabaseSync | undefined;
  try {
    const realPath = claimFile(fs, path);
    database = new sqlite.DatabaseSync(realPath);
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    const isNew = checkIsOurs(database, path);
    makePrivate(fs, realPath);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;");
    database.exec("PRAGMA journal_size_limit = 1048576; PRAGMA trusted_schema = OFF;");
    if (isNew) createTables(database, path);
    return { database, isReplaced: watchReplacement(fs, path) };
  } catch (error) {
    database?.close();
    throw explained(error, path);
  }
}

/** Whether the operation failed because another process is writing. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** The same error, or one that names the file and what to do, if SQLite's own message does not. */
export function explained(error: unknown, path: string): unknown {
  switch (resultCode(error)) {
    case NOT_A_DATABASE:
      return invalidFile(`The file ${path} is not a SQLite database. Nothing was changed in it: give another path.`);
    case CORRUPT:
      return invalidFile(
        `The SQLite file ${path} is damaged. It holds only tokens that can be issued again: delete it.`,
      );
    case CANNOT_OPEN:
      return invalidFile(`The SQLite file ${path} cannot be opened. Make its folder writable for this user.`);
  }
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === "ENOENT") {
    return invalidFile(
      `The SQLite file ${path} cannot be created, since its folder does not exist (ENOENT). Create it.`,
    );
  }
  if (typeof code === "string" && UNUSABLE_PATH.has(code)) {
    return invalidFile(`The SQLite file ${path} cannot be opened (${code}). Give this user the right to write there.`);
  }
  return error;
}

/** Whether the file is still empty. @throws TokenError if another program or version wrote it */
function checkIsOurs(database: DatabaseSync, path: string): boolean {
  const application = pragma(database, "application_id");
  const version = pragma(database, "user_version");
  if (application === APPLICATION_ID && version === SCHEMA_VERSION) return false;
  if (application === APPLICATION_ID) {
    throw invalidFile(
      `The SQLite file ${path} was written by another version of this package, with schema ${version} in place of ` +
        `${SCHEMA_VERSION}. Nothing was changed in it: give each version a path of its own, or delete the file.`,
    );
  }
  const { count } = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get() ?? {};
  if (application === 0 && version === 0 && count === 0) return true;
  throw invalidFile(`The SQLite file ${path} belongs to something else. Nothing was changed in it: give another path.`);
}

function createTables(database: DatabaseSync, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  // Another process may have been quicker.
  if (checkIsOurs(database, path)) database.exec(SCHEMA);
  database.exec("COMMIT");
}

/** Notices when a file that is in use is deleted or replaced. */
function watchReplacement(fs: typeof import("node:fs"), path: string): (now: number) => boolean {
  const { ino } = fs.statSync(path, { bigint: true });
  let lookedAt = performance.now();
  return (now) => {
    if (now - lookedAt < LOOK_INTERVAL_MS) return false;
    lookedAt = now;
    return fs.statSync(path, { bigint: true, throwIfNoEntry: false })?.ino !== ino;
  };
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name];
}

function resultCode(error: unknown): number | undefined {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  // The lower 8 bits are the kind, the others tell more about it.
  return typeof errcode === "number" ? errcode & 0xff : undefined;
}

const NO_SQLITE =
  "This runtime has no node:sqlite. Run Node 22.13 or later, or Deno 2.2 or later; else use the Redis store, or none.";

/**
 * A module of Node, if the runtime has it. Not an import, so that bundlers for other runtimes do not try to follow it.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name) as Builtins[Name] | undefined;
}

interface Builtins {
  "node:sqlite": typeof import("node:sqlite");
  "node:fs": typeof import("node:fs");
  "node:os": typeof import("node:os");
}

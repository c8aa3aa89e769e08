import type { Stats } from "node:fs";
import { TokenError } from "../../contract/token-error.ts";

type FileSystem = typeof import("node:fs");

const IF_ANY = { throwIfNoEntry: false } as const;

/** SQLite keeps these beside the database file: the write-ahead log, its index, and the journal of other modes. */
const BESIDE = ["-wal", "-shm", "-journal"];

/**
 * Finds the file that a path leads to, and creates an empty one if there is none. It and the files beside it have to be
 * regular files of this user. Opening a pipe would block. Changing a device's mode would affect the whole machine.
 *
 * @returns its path without links, since SQLite keeps the other files beside the real one
 * @throws TokenError `invalid_options` before anything on disk is changed
 */
export function claimFile(fs: FileSystem, path: string): string {
  if (!checkOwnFile(path, fs.statSync(path, IF_ANY))) {
    if (fs.lstatSync(path, IF_ANY) !== undefined) {
      throw invalidFile(`The SQLite file ${path} is a link to a file that does not exist. Remove the link.`);
    }
    checkBeside(fs, path);
    createFile(fs, path);
  }
  const realPath = fs.realpathSync(path);
  checkBeside(fs, realPath);
  return realPath;
}

/** Makes a database file and those beside it readable by their owner only. */
export function makePrivate(fs: FileSystem, path: string): void {
  for (const end of ["", ...BESIDE]) {
    const file = path + end;
    const mode = fs.statSync(file, IF_ANY)?.mode;
    if (mode !== undefined && (mode & 0o077) !== 0) fs.chmodSync(file, 0o600);
  }
}

function checkBeside(fs: FileSystem, path: string): void {
  // A link in its place is not SQLite's own file, and is not followed.
  for (const end of BESIDE) checkOwnFile(path + end, fs.lstatSync(path + end, IF_ANY));
}

/** Whether the file exists. @throws TokenError if it is not a regular file of this user */
function checkOwnFile(path: string, stats: Stats | undefined): boolean {
  if (stats === undefined) return false;
  if (!stats.isFile()) throw invalidFile(`The SQLite file ${path} is not a regular file. Give the path of a file.`);
  // Windows has no such ids.
  const { process } = globalThis as { process?: { geteuid?(): number } };
  const user = process?.geteuid?.();
  if (user !== undefined && stats.uid !== user) {
    const message = `The SQLite file ${path} belongs to another user. Run all processes as one user, or give another path.`;
    throw invalidFile(message);
  }
  return true;
}

function createFile(fs: FileSystem, path: string): void {
  try {
    // SQLite would let every user read a new file.
    fs.closeSync(fs.openSync(path, "wx", 0o600));
  } catch (error) {
    // Another process may have been quicker.
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
    checkOwnFile(path, fs.lstatSync(path));
  }
}

/** An error about a store's file. */
export function invalidFile(message: string): TokenError {
  return new TokenError("invalid_options", { message });
}

import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TokenStore } from "../../contract/token-store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { testTokenStore } from "../../testing/test-token-store.ts";
import { sqliteStore } from "./sqlite-store.ts";

const token = { id: "a1b2c3d4e5f60718", payload: "canary-payload" };
const other = { id: "0f1e2d3c4b5a6978", payload: "other" };

let folder: string;
let path: string;
const opened: TokenStore[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sqlite-test-"));
  path = join(folder, "tokens.db");
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close?.();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<Parameters<typeof sqliteStore>[0]> = {}): TokenStore {
  const store = sqliteStore({ path, ...options });
  opened.push(store);
  return store;
}

testTokenStore({ test, createStore: () => open(), shortLifeMs: 60 });

describe("the file", () => {
  test("is readable by its owner only, with the files beside it, also if it was not before", async () => {
    const modes = () => ["", "-wal", "-shm"].map((end) => statSync(path + end).mode & 0o777);
    const store = open();
    await store.set("key", token, 60_000);
    expect(modes()).toEqual([0o600, 0o600, 0o600]);
    for (const end of ["", "-wal", "-shm"]) chmodSync(path + end, 0o644);
    await open().get("key");
    expect(modes()).toEqual([0o600, 0o600, 0o600]);
  });

  test("is not created before the first operation, and outlives the store", async () => {
    const store = open();
    expect(existsSync(path)).toBe(false);
    await store.set("key", token, 60_000);
    await store.close?.();
    expect(await open().get("key")).toMatchObject(token);
  });

  test("holds no deleted token once the write-ahead log is written back", async () => {
    const store = open();
    await store.set("key", token, 60_000);
    await store.delete("key", token.id);
    await store.close?.();
    expect(readFileSync(path).includes(token.payload)).toBe(false);
  });

  test.each([
    [
      "is no database",
      () => writeFileSync(path, "This is a text file, and longer than a header.".repeat(50)),
      "is not a SQLite database",
    ],
    ["belongs to something else", () => change("CREATE TABLE theirs (x)"), "belongs to something else"],
    ["has another application's mark", () => change("PRAGMA application_id = 7"), "belongs to something else"],
  ])("that %s is an error and stays unchanged", async (_, write, message) => {
    write();
    chmodSync(path, 0o644);
    const before = readFileSync(path);
    const store = open();
    for (let i = 0; i < 2; i += 1) {
      await expect(store.get("key")).rejects.toMatchObject({
        code: "invalid_options",
        message: expect.stringContaining(message),
      });
    }
    expect(readFileSync(path)).toEqual(before);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  describe("case 45: that is no regular file of this user is refused, and nothing on disk changes", () => {
    /** Everything in the folder: names, kinds, owners, modes. */
    const listing = () =>
      readdirSync(folder).map((name) => {
        const { mode, uid, size } = lstatSync(join(folder, name));
        return [name, mode, uid, size];
      });
    const expectRefused = async (file: string, message: string) => {
      const before = listing();
      await expect(open({ path: file }).set("key", token, 60_000)).rejects.toMatchObject({
        code: "invalid_options",
        message: expect.stringContaining(message),
      });
      expect(listing()).toEqual(before);
    };
    const isRoot = process.geteuid?.() === 0;

    test("a folder", async () => {
      mkdirSync(path);
      await expectRefused(path, "is not a regular file");
    });

    test("a socket", async () => {
      const server = createServer().listen(path);
      await once(server, "listening");
      await expectRefused(path, "is not a regular file");
      server.close();
    });

    test("a pipe", async () => {
      execFileSync("mkfifo", [path]);
      await expectRefused(path, "is not a regular file");
    });

    test.skipIf(!isRoot)("a device", async () => {
      execFileSync("mknod", ["-m", "666", path, "c", "1", "3"]);
      await expectRefused(path, "is not a regular file");
    });

    test.skipIf(!isRoot)("a file of another user", async () => {
      writeFileSync(path, "");
      chownSync(path, 12_345, 12_345);
      await expectRefused(path, "belongs to another user");
    });

    test.skipIf(!isRoot)("a write-ahead log of another user", async () => {
      writeFileSync(`${path}-wal`, "");
      chownSync(`${path}-wal`, 12_345, 12_345);
      await expectRefused(path, "tokens.db-wal belongs to another user");
    });

    test("a link to a file that does not exist", async () => {
      symlinkSync(join(folder, "elsewhere.db"), path);
      await expectRefused(path, "is a link to a file that does not exist");
    });

    test.each(["-wal", "-shm", "-journal"])("a link in place of the file that ends in %s", async (end) => {
      writeFileSync(join(folder, "elsewhere"), "");
      chmodSync(join(folder, "elsewhere"), 0o644);
      symlinkSync(join(folder, "elsewhere"), path + end);
      await expectRefused(path, `tokens.db${end} is not a regular file`);
    });

    test.each(["file:tokens.db", "FILE:///tmp/tokens.db?mode=memory"])("the URI %s, at once", (uri) => {
      expect(() => sqliteStore({ path: uri })).toThrow("The option path must be the path of a file, not a URI.");
    });
  });

  test("may be reached by a link, and the files beside it are private too", async () => {
    mkdirSync(join(folder, "data"));
    const target = join(folder, "data", "real.db");
    writeFileSync(target, "");
    symlinkSync(target, path);
    await open().set("key", token, 60_000);
    for (const end of ["", "-wal", "-shm"]) expect(statSync(target + end).mode & 0o777).toBe(0o600);
    expect(await open({ path: target }).get("key")).toMatchObject(token);
  });

  test("of a newer version is an error and stays unchanged", async () => {
    await open().set("key", token, 60_000);
    await opened.pop()?.close?.();
    change("PRAGMA user_version = 2");
    const before = readFileSync(path);
    await expect(open().get("key")).rejects.toMatchObject({
      code: "invalid_options",
      message: expect.stringContaining("another version"),
    });
    expect(readFileSync(path)).toEqual(before);
  });

  test("that is damaged is an error, until it is deleted", async () => {
    await open().set("key", token, 60_000);
    await opened.pop()?.close?.();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4_096);
    writeFileSync(path, bytes);
    await expect(open().get("key")).rejects.toMatchObject({ message: expect.stringContaining("is damaged") });
    await opened.pop()?.close?.();
    rmSync(path);
    expect(await open().get("key")).toBeUndefined();
  });

  test("that was deleted while it was open is created again within a second or so", async () => {
    const store = open();
    await store.set("key", token, 60_000);
    for (const end of ["", "-wal", "-shm"]) rmSync(path + end);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    expect(await store.get("key")).toBeUndefined();
    await store.set("key", other, 60_000);
    expect(await open().get("key")).toMatchObject(other);
  });

  test("in a missing folder is an error, until the folder exists", async () => {
    const store = open({ path: join(folder, "later", "tokens.db") });
    await expect(store.get("key")).rejects.toMatchObject({
      code: "invalid_options",
      message: expect.stringContaining("ENOENT"),
    });
  });

  test("does not grow without bound", async () => {
    const store = open({ maxTokens: 500 });
    for (let i = 0; i < 2_000; i += 1)
      await store.set(`key ${i}`, { id: `${i}`, payload: "x".repeat(100) }, 60_000 + i);
    const reader = new DatabaseSync(path, { readOnly: true });
    const counts = reader
      .prepare("SELECT (SELECT count(*) FROM tokens) AS tokens, (SELECT count(*) FROM changes) AS changes")
      .get();
    reader.close();
    expect(counts?.["tokens"]).toBeLessThanOrEqual(500);
    expect(counts?.["tokens"]).toBeGreaterThan(200);
    expect(counts?.["changes"]).toBeLessThan(1_500);
    expect(await store.get("key 1999")).toBeDefined();
  });

  test("loses expired tokens during other writes", async () => {
    const clock = new ManualClock();
    const store = open({ clock });
    for (let i = 0; i < 300; i += 1) await store.set(`key ${i}`, token, 1_000);
    clock.advance(2_000);
    for (let i = 0; i < 300; i += 1) await store.set("one key", token, 1_000);
    const reader = new DatabaseSync(path, { readOnly: true });
    expect(reader.prepare("SELECT count(*) AS count FROM tokens").get()).toEqual({ count: 1 });
    reader.close();
  });
});

describe("the clock", () => {
  test.each([
    ["stepped back an hour", (clock: ManualClock) => clock.stepWall(-3_600_000), 60_000],
    [
      "stepped back after half of the life",
      (clock: ManualClock) => {
        clock.advance(30_000);
        clock.stepWall(-3_600_000);
      },
      30_000,
    ],
    ["stepped forward past the life", (clock: ManualClock) => clock.stepWall(61_000), undefined],
    ["slept past the life", (clock: ManualClock) => clock.stepWall(3_600_000), undefined],
  ])("%s: no token lives longer than it should", async (_, happen, remainingMs) => {
    const clock = new ManualClock({ startAt: 1_750_000_000_000 });
    const store = open({ clock });
    await store.set("key", token, 60_000);
    happen(clock);
    expect((await store.get("key"))?.remainingMs).toBe(remainingMs);
  });

  test("after a restart of the machine, the wall clock counts; if it went back too, the token counts as expired", async () => {
    const before = new ManualClock({ startAt: 1_750_000_000_000 });
    before.advance(3_600_000);
    await open({ clock: before }).set("key", token, 60_000);
    const started = (wallMs: number) => new ManualClock({ startAt: before.wall() + wallMs });
    expect((await open({ clock: started(20_000) }).get("key"))?.remainingMs).toBe(40_000);
    expect(await open({ clock: started(60_000) }).get("key")).toBeUndefined();
    const back = open({ clock: started(-1_000) });
    expect(await back.get("key")).toBeUndefined();
    await back.set("key", other, 1_000);
    expect(await back.get("key")).toMatchObject(other);
  });
});

test("another process's uptime may be some ms behind, also while the wall clock is stepped back", async () => {
  const times = (wall: number, uptimeMs: number) => ({ wall: () => wall, monotonic: () => uptimeMs });
  await open({ clock: times(1_750_000_000_000, 60_010) }).lease?.("key", 10_000);
  expect(await open({ clock: times(1_749_999_990_000, 60_000) }).lease?.("key", 10_000)).toBeUndefined();
});

describe("several at once", () => {
  test("the store waits for a writer that holds the file, and the event loop runs on", async () => {
    const store = open();
    await store.get("key");
    const writer = new DatabaseSync(path);
    writer.exec("BEGIN IMMEDIATE");
    let ticks = 0;
    const ticking = setInterval(() => {
      ticks += 1;
    }, 5);
    setTimeout(() => writer.exec("COMMIT"), 500);
    await store.set("key", token, 60_000);
    clearInterval(ticking);
    writer.close();
    // While it blocks, none at all.
    expect(ticks).toBeGreaterThan(1);
    expect(await store.get("key")).toMatchObject(token);
  });

  test("a writer that never ends causes an error after a second, and reading still works", async () => {
    const store = open();
    await store.set("key", token, 60_000);
    const writer = new DatabaseSync(path);
    writer.exec("BEGIN IMMEDIATE");
    expect(await store.get("key")).toMatchObject(token);
    await expect(store.set("key", other, 90_000)).rejects.toThrow("locked");
    writer.close();
    await store.set("key", other, 90_000);
    expect(await store.get("key")).toMatchObject(other);
  });
});

test("a runtime without node:sqlite gets an error that says what to do", async () => {
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  await expect(sqliteStore({ path }).get("key")).rejects.toMatchObject({
    code: "invalid_options",
    message: expect.stringMatching(/no node:sqlite.*Node 22\.13/),
  });
});

test("a closed store says so", async () => {
  const store = open();
  await store.get("key");
  await store.close?.();
  await store.close?.();
  await expect(store.get("key")).rejects.toMatchObject({ code: "closed" });
});

test.each([{ path: "" }, { path: ":memory:" }, { path: 1 }, {}])("options %j are refused at once", (options) => {
  expect(() => sqliteStore(options as { path: string })).toThrow("The option path");
});

function change(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

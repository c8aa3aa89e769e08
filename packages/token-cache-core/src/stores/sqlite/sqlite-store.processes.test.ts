import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";

const program = fileURLToPath(new URL("sqlite-process.test-support.ts", import.meta.url));

let folder: string;
let path: string;
let witnessFolder: string;
const children = new Set<ChildProcess>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sqlite-test-"));
  path = join(folder, "tokens.db");
  witnessFolder = join(folder, "witness");
  mkdirSync(witnessFolder);
});

afterEach(async () => {
  await Promise.all([...children].map(kill));
  rmSync(folder, { recursive: true, force: true });
});

function start(rounds: number): ChildProcess {
  const child = fork(program, [path, witnessFolder, String(rounds)], {
    execArgv: ["--disable-warning=ExperimentalWarning"],
  });
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function integrity(): unknown {
  const database = new DatabaseSync(path);
  const [row] = database.prepare("PRAGMA integrity_check").all();
  database.close();
  return row?.["integrity_check"];
}

test("six processes on one new file: no error, no torn token, no lease with two holders", async () => {
  const codes = await Promise.all(Array.from({ length: 6 }, async () => (await once(start(250), "exit"))[0]));
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
  expect(integrity()).toBe("ok");
});

test("processes that are killed at any moment leave a file that the others can use", async () => {
  const store = sqliteStore({ path });
  try {
    for (let turn = 0; turn < 6; turn += 1) {
      const victims = [start(1_000_000), start(1_000_000)];
      await Promise.all(victims.map((victim) => once(victim, "message")));
      await sleep(Math.random() * 40);
      await Promise.all(victims.map(kill));
      rmSync(witnessFolder, { recursive: true });
      mkdirSync(witnessFolder);

      const since = performance.now();
      const token = { id: `${turn}`, payload: `${turn}` };
      await store.set("key 0", token, 120_000 + turn);
      expect(await store.get("key 0")).toMatchObject(token);
      await store.delete("key 0", token.id);
      expect(performance.now() - since).toBeLessThan(1_000);
      for (let i = 1; i < 5; i += 1) {
        const found = await store.get(`key ${i}`);
        if (found !== undefined) expect(found.payload).toBe(found.id.repeat(200));
      }
      // The leases of killed processes would block the next round's processes for a while.
      const database = new DatabaseSync(path);
      database.exec("DELETE FROM leases");
      database.close();
    }
    expect(integrity()).toBe("ok");
  } finally {
    await store.close?.();
  }
});

// Case 70 among processes: eight of them share a SQLite file and learn of a rotation, each by itself.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmulator } from "@x/commerce-auth-emulator";
import { afterEach, beforeEach, expect, test } from "vitest";

const PROGRAM = `
import { TokenCache } from "@x/token-cache-core";
import { credentialsFromFile } from "@x/token-cache-core/credentials-file";
import { sqliteStore } from "@x/token-cache-core/sqlite";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";

const { folder, tokenUrl, apiBaseUrl, solutionCode } = JSON.parse(process.env.SETTING);
const store = sqliteStore({ path: folder + "/tokens.db" });
const cache = new TokenCache({ store });
const auth = createTossShoppingAuth({
  credentials: credentialsFromFile(folder + "/toss.json"), cache, tokenUrl, apiBaseUrl, solutionCode, rateLimit: false,
});
process.on("message", async () => {
  const outcome = await auth.api.get("products/categories/children").then(() => "ok", (error) => String(error));
  process.send({ outcome, token: auth.peek()?.id });
});
process.send("ready");
`;

const cwd = fileURLToPath(new URL("..", import.meta.url));
let folder = "";
let crew: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rotation-"));
});

afterEach(async () => {
  for (const process of crew) process.kill();
  crew = [];
  await rm(folder, { recursive: true, force: true });
});

/** Lets a process make one API call. */
async function call(process: ChildProcess): Promise<{ outcome: string; token: string }> {
  const answer = once(process, "message");
  process.send("call");
  const [message] = await answer;
  return message;
}

test("case 70: no failed call, one new token, and at most one refused request for each process", async () => {
  await using emulator = await startEmulator();
  const { tokenUrl, apiBaseUrl, credentials } = emulator.toss;
  const setting = { folder, tokenUrl, apiBaseUrl, solutionCode: credentials.solutionCode };
  await writeFile(join(folder, "toss.json"), JSON.stringify(credentials));
  crew = Array.from({ length: 8 }, () =>
    spawn(process.execPath, ["--unhandled-rejections=strict", "--input-type=module", "--eval", PROGRAM], {
      cwd,
      env: { ...process.env, SETTING: JSON.stringify(setting) },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    }),
  );
  await Promise.all(crew.map((process) => once(process, "message")));

  const before = await Promise.all(crew.map(call));
  expect(new Set(before.map(({ token }) => token)).size).toBe(1);
  expect(emulator.requestCount("toss.token")).toBe(1);

  // The secret and the tokens die at once. Half of the processes learn of it one after another, the others together.
  const secretKey = emulator.rotateSecret("toss");
  emulator.revoke("toss");
  await writeFile(join(folder, "toss.json"), JSON.stringify({ ...credentials, secretKey }));
  const after: { outcome: string; token: string }[] = [];
  for (const process of crew.slice(0, 4)) after.push(await call(process));
  after.push(...(await Promise.all(crew.slice(4).map(call))));

  expect(after.map(({ outcome }) => outcome)).toEqual(Array(8).fill("ok"));
  expect(new Set(after.map(({ token }) => token)).size).toBe(1);
  const statuses = emulator.journal.filter(({ endpoint }) => endpoint === "toss.token").map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(2);
  expect(statuses.filter((status) => status !== 200).length).toBeLessThanOrEqual(8);
}, 60_000);

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Queue, QueueEvents } from "bullmq";
import { emulator } from "./support.mjs";

const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null };
const workers = [1, 2, 3].map(() => spawn("node", ["worker.js"], { stdio: "inherit" }));
process.once("exit", () => workers.forEach((worker) => void worker.kill("SIGKILL")));

const queue = new Queue("accounts", { connection });
queue.setMaxListeners(50);
const events = new QueueEvents("accounts", { connection });
const jobs = await queue.addBulk(Array.from({ length: 30 }, () => ({ name: "account", data: {} })));
const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(events, 60_000)));
for (const { accountId } of results) assert.ok(accountId);
assert.equal(await emulator.requestCount("naver.token"), 1);

await emulator.fault({ endpoint: "naver.api", kind: "status", status: 404, times: 1 });
const failing = await queue.add("account", {}, { attempts: 3 });
await assert.rejects(failing.waitUntilFinished(events, 60_000), /404/);

await events.close();
await queue.close();
for (const worker of workers) worker.kill("SIGTERM");
for (const worker of workers) {
  if (worker.exitCode === null) await once(worker, "exit");
  assert.equal(worker.exitCode, 0, "a worker did not end by itself");
}

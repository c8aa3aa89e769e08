import assert from "node:assert/strict";
import { emulator, run } from "./support.mjs";

// A process that is kept alive ends seconds later, or never.
const END = `process.on("exit", () => console.log("ran for", performance.now() - globalThis.doneAt));
const { log } = console;
console.log = (...words) => ((globalThis.doneAt ??= performance.now()), log(...words));`;
for (const runs of [1, 2, 3]) {
  const output = await run("node", ["--import", `data:text/javascript,${encodeURIComponent(END)}`, "sync.js"]);
  assert.match(output, /synced /);
  const ranOnMs = Number(/ran for (.*)/.exec(output)?.[1]);
  assert.ok(ranOnMs < 3_000, `run ${runs} did not end with its work:\n${output}`);
  assert.equal(await emulator.requestCount("naver.token"), 1);
}

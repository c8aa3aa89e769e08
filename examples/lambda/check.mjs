// Runs the handler as Lambda does: frozen (SIGSTOP) as soon as it has answered, thawed for the next invocation.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { startEmulator } from "@x/commerce-auth-emulator";
import "./support.mjs";

writeFileSync(
  "runtime.mjs",
  `import { handler } from "./handler.js";
process.on("message", async (event) => process.send(await handler(event).catch((error) => ({ failed: String(error) }))));
process.send("ready");`,
);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const emulator = await startEmulator();
const runtime = fork("runtime.mjs", { env: { ...process.env, COMMERCE_AUTH_EMULATOR: emulator.origin } });
process.once("exit", () => runtime.kill("SIGKILL"));
await once(runtime, "message");

async function invoke() {
  runtime.kill("SIGCONT");
  runtime.send({});
  const [answer] = await once(runtime, "message");
  runtime.kill("SIGSTOP");
  return answer;
}

assert.equal((await invoke()).statusCode, 200);
assert.equal(emulator.requestCount("naver.token"), 1);
assert.equal((await invoke()).statusCode, 200);
assert.equal(emulator.requestCount("naver.token"), 1, "the token in memory was not used again");

// The API refuses the token, and the new one's answer is on its way while the process is frozen for longer than a request
// may take.
await sleep(1_100); // A token of the last second may be new to the API: the client would wait for it.
emulator.revoke("naver");
emulator.fault({ endpoint: "naver.token", kind: "delay", ms: 1_000, times: 1 });
runtime.kill("SIGCONT");
runtime.send({});
await sleep(500);
runtime.kill("SIGSTOP");
await sleep(6_000);
runtime.kill("SIGCONT");
const [late] = await once(runtime, "message");
assert.equal(late.statusCode, 200, late.failed);
assert.equal((await invoke()).statusCode, 200);
assert.ok(emulator.requestCount("naver.token") <= 3);
runtime.kill("SIGKILL");
await emulator.close();

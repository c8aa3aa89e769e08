// Shared code of the check.mjs files: `pnpm examples` copies it beside each of them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

setTimeout(() => {
  console.error("The check takes longer than four minutes.");
  process.exit(1);
}, 240_000).unref();

/** The emulator that `pnpm examples` has started. */
export const emulator = {
  async requestCount(endpoint) {
    const { requests } = await control("counters");
    assert.equal(typeof requests[endpoint], "number");
    return requests[endpoint];
  },
  fault: (fault) => control("faults", fault),
  reset: () => control("reset", {}),
};

async function control(route, body) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(`${process.env.COMMERCE_AUTH_EMULATOR}/_emulator/${route}`, body && init);
  assert.ok(response.ok, `/_emulator/${route}: ${response.status}`);
  return response.json();
}

/** Starts a server on the port of the variable PORT, and waits until it answers at a path. */
export async function startServer(command, args, { path, env = {} }) {
  const port = await freePort();
  const child = spawn(command, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const server = {
    url: `http://127.0.0.1:${port}`,
    output: "",
    /** Sends SIGTERM, as every platform does, and waits for an orderly end. Some frameworks end by the signal, too. */
    async stop(expected = 0) {
      child.kill("SIGTERM");
      // With the end of its output.
      await closed;
      assert.equal(child.exitCode ?? child.signalCode, expected, `it did not end by itself:\n${server.output}`);
    },
  };
  const closed = once(child, "close");
  process.once("exit", () => child.kill("SIGKILL"));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (server.output += chunk));
  for (let tries = 0; ; tries++) {
    const isUp = await fetch(server.url + path).then(
      () => true,
      () => false,
    );
    if (isUp) return server;
    assert.ok(tries < 300 && child.exitCode === null, `it does not start:\n${server.output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs a program to its end. */
export async function run(command, args, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  assert.equal(code, 0, output);
  return output;
}

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

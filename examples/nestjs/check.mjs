import assert from "node:assert/strict";
import { emulator, run, startServer } from "./support.mjs";

await run("node", ["node_modules/typescript/bin/tsc"]);
await run("node", ["node_modules/jest/bin/jest.js"], { CI: "true" });

const server = await startServer("node", ["dist/main.js"], { path: "/health" });
const response = await fetch(`${server.url}/account`);
assert.equal(response.status, 200);
assert.ok((await response.json()).accountId);
assert.equal(await emulator.requestCount("naver.token"), 1);
await server.stop("SIGTERM");

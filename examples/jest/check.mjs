// Compiles the program, and runs its tests with this Node and with Node 22, and with timers that are faked from the start.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const faked = "module.exports = { ...require('./jest.config.js'), fakeTimers: { enableGlobally: true } };";
writeFileSync("jest.faked.config.js", faked);

const commands = [
  ["node", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["node", "node_modules/jest/bin/jest.js", "--config", "jest.config.js"],
  ["node_modules/node22/bin/node", "node_modules/jest/bin/jest.js", "--config", "jest.config.js"],
  ["node", "node_modules/jest/bin/jest.js", "--config", "jest.faked.config.js"],
];
for (const [command, ...args] of commands) {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, CI: "true" } });
  if (status !== 0) process.exit(1);
}

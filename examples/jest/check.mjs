// Compiles the program, and runs its tests with this Node and with Node 22.

import { spawnSync } from "node:child_process";

const commands = [
  ["node", "node_modules/typescript/bin/tsc", "--noEmit"],
  ["node", "node_modules/jest/bin/jest.js"],
  ["node_modules/node22/bin/node", "node_modules/jest/bin/jest.js"],
];
for (const [command, ...args] of commands) {
  const { status } = spawnSync(command, args, { stdio: "inherit", env: { ...process.env, CI: "true" } });
  if (status !== 0) process.exit(1);
}

// `npm start` and `npm run demo`: sets everything up, then runs that script of apps/playground until it ends.

import { join } from "node:path";
import { setUp } from "./set-up.mjs";
import { readJson, root, run } from "./workspace.mjs";

const [script = "start", ...args] = process.argv.slice(2);
const folder = join(root, "apps/playground");

await setUp({ build: true });

// Run directly rather than through pnpm and a shell, so that a signal reaches the playground itself.
const [command, ...ownArgs] = readJson(join(folder, "package.json")).scripts[script].split(" ");
const { code } = await run(command, [...ownArgs, ...args], { cwd: folder });
process.exitCode = code;

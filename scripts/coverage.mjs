// `pnpm coverage [filter …]`: runs the packages' tests and shows which of their lines ran. Nothing depends on a number.
// A filter, for instance packages/token-cache-core/src/time, limits the tests. The pages are in coverage/.

import { join } from "node:path";
import { bringPrograms } from "./programs.mjs";
import { setUp } from "./set-up.mjs";
import { environment, root, run } from "./workspace.mjs";

await setUp({ build: true });
const { variables } = await bringPrograms();
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const args = [vitest, "run", "--config", "scripts/coverage.config.ts", ...process.argv.slice(2)];
const { code } = await run(process.execPath, args, { env: { ...environment(), ...variables } });
process.exitCode = code;

// `turbo` as this repo runs it: without telemetry, on our Node, with our pnpm.

import { turbo } from "./workspace.mjs";

const { code } = await turbo(process.argv.slice(2));
process.exitCode = code;

import { run } from "./support.mjs";

console.log(await run("node", ["node_modules/vitest/vitest.mjs", "run"], { CI: "true" }));

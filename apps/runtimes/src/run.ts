// What Node, Bun and Deno run: the scenario, with its input as the argument and its report on stdout.

import { scenario } from "./scenario.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
console.log(JSON.stringify(await scenario(JSON.parse(process.argv[2] ?? "{}"))));

// Checks that programs find a package's entries even if their tools do not know `exports`. Compiles and runs one with
// the settings of older NestJS projects: CommonJS, module resolution `node10`, no types of Node, declarations checked.
// Bundles another one into a single file with Rollup.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import { root } from "./workspace.mjs";

const run = promisify(execFile);

const compilers = [
  { name: "typescript54", options: {} },
  { name: "typescript", options: { ignoreDeprecations: "6.0" } },
];

/**
 * @param {string} folder in which the package is installed
 * @param {string[]} entries what a program imports, for instance `@x/token-cache-core/redis`
 * @returns {Promise<string[]>} problems
 */
export async function olderProgramProblems(folder, entries) {
  const imports = entries.map((entry, index) => `import * as entry${index} from ${JSON.stringify(entry)};`).join("\n");
  const list = `[${entries.map((_, index) => `entry${index}`)}]`;
  const program = `${imports}\nconsole.log(${list}.every((entry) => Object.keys(entry).length > 0));\n`;
  writeFileSync(join(folder, "older.cts"), program);
  writeFileSync(join(folder, "single.mjs"), program);
  const problems = await Promise.all([...compilers.map((compiler) => compileAndRun(folder, compiler)), bundle(folder)]);
  return problems.flat();
}

async function compileAndRun(folder, { name, options }) {
  const modules = { module: "CommonJS", moduleResolution: "Node10", target: "ES2022", lib: ["ES2022", "DOM"] };
  const compilerOptions = { strict: true, skipLibCheck: false, types: [], outDir: name, ...modules, ...options };
  const project = join(folder, `tsconfig.${name}.json`);
  writeFileSync(project, JSON.stringify({ compilerOptions, files: ["older.cts"] }));
  try {
    await run("node", [join(root, "node_modules", name, "bin/tsc"), "-p", project]);
    const { stdout } = await run("node", [join(folder, name, "older.cjs")]);
    return stdout === "true\n" ? [] : [`a CommonJS program that ${name} compiled says: ${stdout}`];
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    return [`a program with the module resolution node10 fails with ${name}:\n${stdout}${stderr}`];
  }
}

async function bundle(folder) {
  try {
    const built = await rollup({
      input: join(folder, "single.mjs"),
      plugins: [nodeResolve()],
      external: /^node:|^crypto$/,
      onwarn() {},
    });
    await built.write({ file: join(folder, "bundle.mjs") });
    const { stdout } = await run("node", [join(folder, "bundle.mjs")]);
    return stdout === "true\n" ? [] : [`a program that Rollup bundled into one file says: ${stdout}`];
  } catch (error) {
    return [`Rollup cannot bundle a program into one file: ${error}`];
  }
}

// A consumer: an empty folder in which a user installs the packed packages and writes a program.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { environment, run } from "../workspace.mjs";

const programs = join(import.meta.dirname, "programs");
const npmOptions = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", "--no-package-lock"];

export class Consumer {
  /** @param {string} folder @param {Record<string, string>} variables of the environment in which its programs run */
  constructor(folder, variables) {
    this.folder = folder;
    this.variables = variables;
    mkdirSync(folder, { recursive: true });
  }

  write(file, content) {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    writeFileSync(join(this.folder, file), text);
  }

  /** The programs as they are. */
  copy(...files) {
    for (const file of files) cpSync(join(programs, file), join(this.folder, file));
  }

  /** The programs as JavaScript, for tools that read no TypeScript. */
  copyAsJavaScript(...files) {
    for (const file of files) {
      const { code } = transformSync(readFileSync(join(programs, file), "utf8"), { loader: "ts" });
      this.write(file.replace(/ts$/, "js"), code);
    }
  }

  async installWithNpm(manifest) {
    this.write("package.json", manifest);
    await this.run("npm", ["install", ...npmOptions]);
  }

  /** Nothing is hoisted: a package sees what it declares, and nothing else. */
  async installWithStrictPnpm(manifest, overrides) {
    this.write("package.json", manifest);
    this.write("pnpm-workspace.yaml", { overrides, hoist: false });
    await this.run("pnpm", ["install", "--prefer-offline", "--silent"]);
  }

  /** @returns {Promise<string>} what the program wrote @throws Error with what it wrote, if it failed */
  async run(command, args = [], variables = {}) {
    const env = { ...environment(), ...this.variables, ...variables };
    const { code, output, interrupted } = await run(command, args, { cwd: this.folder, env, stdio: "collect" });
    if (interrupted) process.exit(130);
    if (code !== 0) throw new Error(`${[command, ...args].join(" ")} failed:\n${output.slice(-2_000)}`);
    return output.trim();
  }
}

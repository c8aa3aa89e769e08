// A copy of this repository that makes a real release, to a registry of its own.

import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { copyWorkspace, workspaceRoot } from "@x/testing/workspace-copy";
import type { Manifest, Registry } from "./registry.ts";

/** What a release needs of the repository, apart from the packages. */
const ROOT_FILES = [
  ".changeset",
  "LICENSE",
  "package.json",
  "pnpm-workspace.yaml",
  "scripts",
  "tsconfig.base.json",
  "tsdown.base.ts",
];

export class Rehearsal implements Disposable {
  readonly folder: string;
  readonly #registry: Registry;
  readonly #token: string;

  constructor(registry: Registry, token: string) {
    this.#registry = registry;
    this.#token = token;
    this.folder = copyWorkspace([...globSync("packages/*", { cwd: workspaceRoot }), "testing"], ROOT_FILES);
  }

  /** Versions the packages by their changesets, as the pull request of a release does. */
  async version(): Promise<void> {
    await this.run("changeset", ["version"]);
  }

  /** Builds, packs and publishes what the registry does not have yet, as the release workflow does. */
  async publish(): Promise<void> {
    const news = this.folders()
      .map((folder) => this.manifest(folder))
      .filter(({ name, version }) => this.#registry.manifest(name, version) === undefined);
    await this.run("pnpm", [...news.map(({ name }) => `--filter=${name}`), "run", "build"]);
    const tarballs = mkdtempSync(join(this.folder, "tarballs-"));
    await this.run("changeset", ["pack", "--out-dir", tarballs]);
    await this.run("changeset", ["publish", "--from-pack-dir", tarballs, "--no-git-tag"]);
  }

  /** Writes a changeset, as a contributor does. */
  addChangeset(name: string, bump: "patch" | "minor", summary: string): void {
    const file = join(this.folder, `.changeset/${bump}-${Date.now()}.md`);
    writeFileSync(file, `---\n"${name}": ${bump}\n---\n\n${summary}\n`);
  }

  /** Installs a package in an empty folder, as a user does. Returns that folder. */
  async install(name: string): Promise<string> {
    const folder = join(this.folder, `user-of-${dirname(name)}-${readdirSync(this.folder).length}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    await this.run("npm", ["install", "--no-audit", "--no-fund", name], folder);
    return folder;
  }

  /** Of the packages. */
  folders(): string[] {
    return globSync("packages/*", { cwd: this.folder }).map((each) => join(this.folder, each));
  }

  manifest(folder: string): Manifest {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  }

  async run(command: string, args: readonly string[], cwd = this.folder): Promise<string> {
    try {
      return (await promisify(execFile)(command, args, { cwd, env: this.#environment(), timeout: 240_000 })).stdout;
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`${command} ${args.join(" ")} fails:\n${stdout}${stderr}`);
    }
  }

  /** Ignores this machine's npm configuration: nothing may reach another registry. */
  #environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !/^p?npm_/i.test(name));
    const host = this.#registry.origin.replace(/^http:/, "");
    const userConfig = join(this.folder, "user.npmrc");
    writeFileSync(userConfig, `registry=${this.#registry.origin}/\n${host}/:_authToken=${this.#token}\n`);
    return {
      ...Object.fromEntries(inherited),
      HOME: this.folder,
      npm_config_userconfig: userConfig,
      npm_config_globalconfig: join(this.folder, "no.npmrc"),
      npm_config_registry: `${this.#registry.origin}/`,
      pnpm_config_registry: `${this.#registry.origin}/`,
      npm_config_cache: join(this.folder, "npm-cache"),
      npm_config_update_notifier: "false",
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

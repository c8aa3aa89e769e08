import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { workspaceRoot } from "@x/testing/workspace-copy";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (file: string) => readFileSync(join(workspaceRoot, file), "utf8");
const files = globSync(".github/{workflows,actions/*}/*.yml", { cwd: workspaceRoot }).sort();
const workflows = files
  .filter((file) => file.includes("workflows"))
  .map((file): [string, Workflow] => [file, parse(read(file))]);

test.each(files)("%s pins each action by its commit, and says which version that is", (file) => {
  const used = [...read(file).matchAll(/uses: (.+)$/gm)].map(([, action = ""]) => action);
  for (const action of used) expect(action).toMatch(/^(\.\/\S+|[\w.-]+(\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
});

describe.each(workflows)("%s", (file, { on, permissions, jobs }) => {
  test("grants only what each job names", () => {
    expect(permissions).toEqual({});
    const granted = Object.entries(jobs).flatMap(([name, job]) =>
      Object.entries(job.permissions ?? {}).flatMap(([what, level]) => (level === "read" ? [] : [`${name}: ${what}`])),
    );
    expect(granted).toEqual(WRITES[file] ?? []);
  });

  test("leaves no credentials in a checkout, and runs no text of a stranger", () => {
    expect(Object.keys(on)).not.toContain("pull_request_target");
    expect(read(file)).not.toContain("secrets.");
    for (const { uses = "", run = "", with: inputs } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      if (uses.startsWith("actions/checkout@")) expect(inputs).toMatchObject({ "persist-credentials": false });
      expect(run).not.toContain("${{");
    }
  });
});

/** The permissions to write, by job. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  ".github/workflows/codeql.yml": ["analyze: security-events"],
  ".github/workflows/release.yml": [
    "version: contents",
    "version: pull-requests",
    "publish: contents",
    "publish: id-token",
  ],
  ".github/workflows/scorecard.yml": ["analyze: security-events", "analyze: id-token"],
};

test("a release is made in the repository that the packages name, and in no fork", () => {
  const { repository } = JSON.parse(read("package.json"));
  const [, name] = /github\.com\/(.+)\.git$/.exec(repository.url) ?? [];
  const release: Workflow = parse(read(".github/workflows/release.yml"));
  expect(release.jobs["select"]?.if).toBe(`github.repository == '${name}'`);
});

test("the job that may publish runs no code of the packages: it publishes what another job has packed", () => {
  const release: Workflow = parse(read(".github/workflows/release.yml"));
  expect(release.jobs["publish"]?.steps.map(({ run }) => run).filter(Boolean)).toEqual([]);
  expect(release.jobs["publish"]?.steps.at(-1)?.with).toHaveProperty("pack-dir-artifact-id");
});

test("dependabot watches every lockfile and every action", () => {
  const { updates } = parse(read(".github/dependabot.yml"));
  const [npm, actions] = updates;
  const locked = globSync("{,bench/*/,apps/*/,examples/*/}pnpm-lock.yaml", { cwd: workspaceRoot });
  expect(npm.directories.toSorted()).toEqual(
    locked.map((file) => `/${file}`.replace(/\/?pnpm-lock\.yaml$/, "") || "/").toSorted(),
  );
  expect(actions.directories).toEqual(["/", "/.github/actions/*"]);
});

test("jobs that run the tests install each program that these need, except for the runner's own browser", () => {
  const needed = [...read("scripts/programs.mjs").matchAll(/debianPackages: \["([\w-]+)"/g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "chromium");
  const testing = workflows
    .flatMap(([, { jobs }]) => Object.values(jobs))
    .map(({ steps }) => steps.map(({ run = "" }) => run).join("\n"))
    .filter((commands) => commands.includes(".ci/run"));
  expect(testing).toHaveLength(2);
  for (const commands of testing) for (const name of needed) expect(commands.split(/\s/)).toContain(name);
});

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { apiProblems, apiReports, updateApi } from "./api-report.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "api-report-test-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("there is a report of each entry that has types: what it exports, without the documentation", () => {
  const types = (name) => ({ types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` });
  const exports = { ".": types("index"), "./extra": types("extra"), "./package.json": "./package.json" };
  write("package.json", JSON.stringify({ name: "a-package", version: "0.0.0", type: "module", exports }));
  write(
    "dist/index.d.ts",
    `/** Words. */
    export interface Options { readonly limit?: number; }
    export declare function run(options?: Options): Promise<void>;`,
  );
  write("dist/extra.d.ts", "export declare const extra: string;");
  const reports = apiReports(folder);
  expect([...reports.keys()]).toEqual(["index.api.md", "extra.api.md"]);
  expect(reports.get("index.api.md")).toContain("readonly limit?: number;");
  expect(reports.get("index.api.md")).toContain("export function run(options?: Options): Promise<void>;");
  expect(reports.get("index.api.md")).not.toContain("Words");
});

test("a report that changes is a problem until it is updated", () => {
  updateApi(folder, new Map([["index.api.md", "one"]]));
  expect(apiProblems(folder, new Map([["index.api.md", "one"]]))).toEqual([]);
  const changed = new Map([["index.api.md", "two"]]);
  expect(apiProblems(folder, changed)).toEqual(["api/index.api.md differs from what the entry exports now."]);
  updateApi(folder, changed);
  expect(apiProblems(folder, changed)).toEqual([]);
});

test("an entry without a report and a report without an entry are problems", () => {
  updateApi(folder, new Map([["index.api.md", "one"]]));
  const renamed = new Map([["main.api.md", "one"]]);
  expect(apiProblems(folder, renamed)).toEqual([
    "api/main.api.md is missing.",
    "api/index.api.md is the report of no entry.",
  ]);
  updateApi(folder, renamed);
  expect(readdirSync(join(folder, "api"))).toEqual(["main.api.md"]);
});

function write(file, text) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

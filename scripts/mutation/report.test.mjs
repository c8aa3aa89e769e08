import { expect, test } from "vitest";
import { mutationReport, readReport } from "./report.mjs";

const statuses = (...each) => each.map((status) => ({ status }));

test("the score is the share of killed mutants; what never ends is killed, what no test reaches survives", () => {
  const mutants = statuses("Killed", "Timeout", "Survived", "NoCoverage", "Ignored", "CompileError");
  const report = mutationReport([{ folder: "packages/a", files: [{ file: "src/one.ts", mutants }] }]);
  expect(report).toContain("| src/one.ts | 50.0 % | 2 | 2 |");
});

test("a package's last line counts all its files, without those that were not measured", () => {
  const report = mutationReport([
    {
      folder: "packages/a",
      files: [
        { file: "src/one.ts", mutants: statuses("Killed", "Killed", "Killed") },
        { file: "src/two.ts", mutants: statuses("Survived") },
        { file: "src/three.ts", mutants: undefined },
        { file: "src/types.ts", mutants: [] },
      ],
    },
  ]);
  expect(report).toContain("| src/three.ts | not measured | | |");
  expect(report).toContain("| src/types.ts | – | 0 | 0 |");
  expect(report).toContain("| all | 75.0 % | 3 | 1 |");
});

test("a file that has changed since it was measured has a mark", () => {
  const files = [
    { file: "src/changed.ts", mutants: statuses("Killed"), isCurrent: false },
    { file: "src/same.ts", mutants: statuses("Killed"), isCurrent: true },
    { file: "src/new.ts", mutants: undefined, isCurrent: false },
  ];
  const report = mutationReport([{ folder: "packages/a", files }]);
  expect(report).toContain("| src/changed.ts * | 100.0 % |");
  expect(report).toContain("| src/same.ts | 100.0 % |");
  expect(report).toContain("| src/new.ts | not measured |");
});

test("the figures of an earlier report can be read again, but not as current ones", () => {
  const files = [
    { file: "src/one.ts", mutants: statuses("Killed", "Timeout", "Survived") },
    { file: "src/changed.ts", mutants: statuses("NoCoverage"), isCurrent: false },
    { file: "src/types.ts", mutants: [] },
    { file: "src/new.ts", mutants: undefined },
  ];
  const report = mutationReport([{ folder: "packages/a", files }]);
  expect([...readReport(report)]).toEqual([
    ["packages/a/src/one.ts", statuses("Killed", "Killed", "Survived")],
    ["packages/a/src/changed.ts", statuses("Survived")],
    ["packages/a/src/types.ts", []],
  ]);
});

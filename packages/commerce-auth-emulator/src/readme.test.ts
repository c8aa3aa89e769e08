import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));
const README = readFileSync(`${FOLDER}README.md`, "utf8");
const BLOCKS = [...README.matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] ?? "");

/** Runs code against the built package. `await using` needs Node 24. */
function run(code: string): string {
  const options = { cwd: FOLDER, encoding: "utf8", input: code, timeout: 20_000 } as const;
  return execFileSync(process.execPath, ["--input-type=module", "-"], options);
}

describe.skipIf(Number.parseInt(process.versions.node, 10) < 24)("the README", () => {
  it("has an example that prints what it says", () => {
    const example = BLOCKS.find((block) => block.startsWith("import { startEmulator }"));
    expect(run(example ?? "")).toBe("401\n1 1\n");
  });

  it("has options that the emulator accepts", () => {
    const starts = BLOCKS.filter((block) => block.startsWith("await startEmulator("));
    expect(starts.length).toBeGreaterThanOrEqual(2);
    const code = starts.map((block) => `await (${block.trim().replace(/;$/, "")}).close();`).join("\n");
    expect(run(`import { startEmulator } from "@x/commerce-auth-emulator";\n${code}`)).toBe("");
  });

  it("has faults that the emulator accepts", () => {
    const faults = BLOCKS.find((block) => block.startsWith("emulator.fault(")) ?? "";
    const start = 'import { startEmulator } from "@x/commerce-auth-emulator"; const emulator = await startEmulator();';
    expect(run(`${start}\n${faults}\nawait emulator.close();`)).toBe("");
  });

  it("explains every option of the providers, and every kind of fault", () => {
    const rules = ["toss", "naver", "iamport"].flatMap((provider) => {
      const source = readFileSync(`${FOLDER}src/${provider}/options.ts`, "utf8");
      const list = /recordOf\("\w+", rules, \[(.*?)\]/s.exec(source)?.[1] ?? "";
      return [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name ?? "");
    });
    const kinds = readFileSync(`${FOLDER}src/faults/fault.ts`, "utf8").matchAll(/kind: "([\w-]+)"/g);
    const names = [...rules, ...[...kinds].map(([, kind]) => kind ?? "")];
    expect(names.length).toBeGreaterThan(45);
    expect(names.filter((name) => !README.includes(name))).toEqual([]);
  });
});

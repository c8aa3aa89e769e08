import type { Measure, MeasureResult, Table, Target } from "../measure.ts";
import { readNotes } from "./notes.ts";

/** A measure with its result, or with the reason why it failed. */
export interface Taken {
  readonly measure: Measure;
  readonly result: MeasureResult | undefined;
  readonly problem: string | undefined;
  /** Not a failure: this machine lacks a program that the measure needs. */
  readonly isSkipped: boolean;
}

export interface Circumstances {
  readonly node: string;
  readonly cpus: string;
  readonly date: string;
  readonly versions: ReadonlyMap<string, string>;
}

export function asText({ measure, result, problem }: Taken): string {
  const lines = ["", measure.title, "=".repeat(measure.title.length)];
  if (problem !== undefined) lines.push("", `Failed: ${problem}`);
  for (const table of result?.tables ?? []) {
    lines.push("");
    if (table.title) lines.push(table.title);
    lines.push(...textTable(table));
  }
  for (const target of result?.targets ?? []) lines.push(`${mark(target)} ${target.wanted}: ${target.reached}`);
  return lines.join("\n");
}

export function asMarkdown(taken: readonly Taken[], { node, cpus, date, versions }: Circumstances): string {
  const lines = [
    "# Results",
    "",
    "<!-- `pnpm bench` writes this file. It overwrites changes by hand. The notes come from NOTES.md. -->",
    "",
    `Measured with \`pnpm bench\` on Node ${node}, ${cpus}, on ${date}. A figure is the median of its runs, with the ` +
      "range in brackets. What a ratio compares takes turns within each run, because the load of a machine changes more " +
      "than most figures differ. Absolute times are this machine's. Ratios hold elsewhere, too.",
    "",
    "## Targets",
    "",
    ...markdownTable({
      columns: ["", "measure", "target", "reached"],
      rows: taken.flatMap(targetRows),
    }),
  ];
  for (const each of taken) lines.push("", ...section(each));
  lines.push("", "## Versions", "");
  lines.push(...markdownTable({ columns: ["package", "version"], rows: [...versions] }));
  return `${lines.join("\n")}\n`;
}

/** The report with the parts of some measures replaced or added: their sections and their rows of targets. */
export function withParts(report: string, taken: readonly Taken[]): string {
  const [head = "", ...sections] = report.split(/\n(?=## )/);
  const titles = new Set(taken.map(({ measure }) => measure.title));
  const kept = sections.filter((text) => !titles.has(text.slice("## ".length, text.indexOf("\n"))));
  const [targets = "", ...rest] = kept;
  const keptTargets = targets
    .trimEnd()
    .split("\n")
    .filter((line) => !titles.has(line.split("|")[2]?.trim() ?? ""));
  const rows = taken.flatMap(targetRows).map((cells) => `| ${cells.join(" | ")} |`);
  const versions = rest.pop() ?? "";
  const parts = taken.map((each) => `${section(each).join("\n")}\n`);
  return [head, `${[...keptTargets, ...rows].join("\n")}\n`, ...rest, ...parts, versions].join("\n");
}

/** The rest names files of the machine, and is only printed. */
function firstLine(problem = ""): string {
  return problem.split("\n", 1).join();
}

function targetRows({ measure, result, problem }: Taken): string[][] {
  if (result === undefined) return [["–", measure.title, "", `failed: ${firstLine(problem)}`]];
  return result.targets.map((target) => [mark(target), measure.title, target.wanted, target.reached]);
}

function section({ measure, result, problem }: Taken): string[] {
  const lines = [`## ${measure.title}`, "", measure.explanation];
  if (problem !== undefined) lines.push("", `Failed: ${firstLine(problem)}`);
  for (const table of result?.tables ?? []) {
    if (table.title) lines.push("", `**${table.title}**`);
    lines.push("", ...markdownTable(table));
  }
  const note = readNotes().get(measure.title);
  if (note !== undefined) lines.push("", note);
  return lines;
}

export function mark({ isMet }: Target): string {
  return isMet ? "✓" : "✗";
}

function textTable({ columns, rows }: Table): string[] {
  const all = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(columns), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)];
}

function markdownTable({ columns, rows }: Table): string[] {
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const whole = rows.map((row) => columns.map((_, column) => row[column] ?? ""));
  return [line(columns), line(columns.map(() => "---")), ...whole.map(line)];
}

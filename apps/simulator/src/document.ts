import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { book } from "./rules.ts";
import type { Summary } from "./seeds.ts";

const DOCUMENT = fileURLToPath(new URL("../../../docs/simulation.md", import.meta.url));

/** Writes the last long run, and the rules as they are now, into docs/simulation.md. */
export async function writeSummary({
  from,
  seeds,
  seconds,
  happenings,
  told,
  broken,
  breaches,
}: Summary): Promise<void> {
  const count = (what: string) => (told[what] ?? 0).toLocaleString("en");
  await replaceSection("rules", rulesTable());
  await replaceSection(
    "summary",
    [
      `\`pnpm simulate --seeds ${seeds}${from === 0 ? "" : ` --from ${from}`} --write\`, ${Math.round(seconds / 60)} minutes:`,
      "",
      "| | |",
      "|---|---:|",
      `| schedules | ${seeds.toLocaleString("en")} |`,
      `| schedules that break a rule | ${broken} |`,
      `| happenings | ${happenings.toLocaleString("en")} |`,
      `| processes started | ${count("started")} |`,
      `| crashes | ${count("crashed")} |`,
      `| calls | ${count("called")} |`,
      `| token requests | ${count("asked")} |`,
      `| store operations | ${count("sent")} |`,
      `| notices | ${count("noticed")} |`,
      ...breaches.slice(0, 20).map(({ seed, rule, what }) => `| seed ${seed} | ${rule}: ${what} |`),
    ].join("\n"),
  );
}

/** The rules as the document states them. */
export function rulesTable(): string {
  const row = ({ name, statement, allows }: (typeof book)[number]) => `| **${name}** | ${statement} | ${allows} |`;
  return ["| rule | what holds | what is allowed |", "|---|---|---|", ...book.map(row)].join("\n");
}

/** Replaces what stands between two marks. */
export async function replaceSection(name: string, text: string): Promise<void> {
  const document = await readFile(DOCUMENT, "utf8");
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(start), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/simulation.md has no section "${name}".`);
  await writeFile(DOCUMENT, `${document.slice(0, from + start.length)}\n\n${text}\n\n${document.slice(to)}`);
}

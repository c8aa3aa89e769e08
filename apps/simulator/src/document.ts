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
  await replaceSection("rules", rulesText());
  const command = `pnpm simulate --seeds ${seeds}${from === 0 ? "" : ` --from ${from}`} --write`;
  const lines = [
    `- schedules: ${seeds.toLocaleString("en")}, of which break a rule: ${broken}`,
    `- happenings: ${happenings.toLocaleString("en")}`,
    `- processes: ${count("started")}, of which crashed: ${count("crashed")}`,
    `- calls: ${count("called")}`,
    `- token requests: ${count("asked")}`,
    `- store operations: ${count("sent")}, and notices: ${count("noticed")}`,
    ...breaches.slice(0, 20).map(({ seed, rule, what }) => `- seed ${seed} breaks "${rule}": ${what}`),
  ];
  await replaceSection("summary", `\`${command}\` took ${Math.round(seconds / 60)} minutes.\n\n${lines.join("\n")}`);
}

/** The rules as the document states them. */
export function rulesText(): string {
  return book.map(({ name, statement, allows }) => `- **${name}**: ${statement} _Allowed_: ${allows}`).join("\n");
}

/** What stands between two marks. */
export async function readSection(name: string): Promise<string> {
  const { text } = await section(name);
  return text;
}

/** Replaces what stands between two marks. */
export async function replaceSection(name: string, text: string): Promise<void> {
  const { before, after } = await section(name);
  await writeFile(DOCUMENT, `${before}\n\n${text}\n\n${after}`);
}

async function section(name: string): Promise<{ before: string; text: string; after: string }> {
  const document = await readFile(DOCUMENT, "utf8");
  const start = document.indexOf(`<!-- ${name} -->`) + `<!-- ${name} -->`.length;
  const end = document.indexOf(`<!-- /${name} -->`);
  if (end < start) throw new Error(`docs/simulation.md has no section "${name}".`);
  return { before: document.slice(0, start), text: document.slice(start, end).trim(), after: document.slice(end) };
}

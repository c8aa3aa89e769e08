import { fileURLToPath } from "node:url";
import { replaceSection } from "@x/testing/document-sections";
import { book } from "./rules.ts";
import type { Summary } from "./seeds.ts";

/** The page that tells what was simulated. */
export const DOCUMENT = fileURLToPath(new URL("../../../docs/simulation.md", import.meta.url));

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
  await replaceSection(DOCUMENT, "rules", rulesText());
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
  await replaceSection(
    DOCUMENT,
    "summary",
    `\`${command}\` took ${Math.round(seconds / 60)} minutes.\n\n${lines.join("\n")}`,
  );
}

/** The rules as the document states them. */
function rulesText(): string {
  return book.map(({ name, statement, allows }) => `- **${name}**: ${statement} _Allowed_: ${allows}`).join("\n");
}

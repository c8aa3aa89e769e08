import { fileURLToPath } from "node:url";
import { replaceSection } from "@x/testing/document-sections";
import type { Verdict } from "./mutants/run-mutants.ts";
import type { Outcome } from "./run.ts";
import { targets } from "./targets.ts";

/** The page that describes the fuzzing. */
export const DOCUMENT = fileURLToPath(new URL("../../../docs/fuzzing.md", import.meta.url));

/** Writes the last long run, and the targets as they are now. */
export async function writeOutcomes(outcomes: readonly Outcome[], seed: number): Promise<void> {
  await replaceSection(DOCUMENT, "targets", targetsText());
  const lines = outcomes.map(({ target, runs, failure }) => {
    const verdict = failure === undefined ? "the rule holds" : "**the rule is broken**";
    return `- ${target.name}: ${runs.toLocaleString("en")} inputs, ${verdict}`;
  });
  const runs = outcomes.reduce((sum, outcome) => sum + outcome.runs, 0);
  const seconds = outcomes.reduce((sum, outcome) => sum + outcome.seconds, 0);
  const summary = `Seed ${seed}: ${runs.toLocaleString("en")} inputs in ${Math.round(seconds)} s.`;
  await replaceSection(DOCUMENT, "run", [summary, "", ...lines].join("\n"));
}

/** Writes which target found each mutant. */
export async function writeVerdicts(verdicts: readonly Verdict[]): Promise<void> {
  const found = verdicts.filter(({ isFound }) => isFound).length;
  const summary = `Found: ${found} of ${verdicts.length}. Without its protection, the library …`;
  const lines = verdicts.map(({ mutant, isFound }) => {
    return `- ${mutant.name}: ${isFound ? `found by ${mutant.target}` : "**not found**"}`;
  });
  await replaceSection(DOCUMENT, "mutants", [summary, "", ...lines].join("\n"));
}

/** The targets as the page states them. */
export function targetsText(): string {
  return targets.map(({ name, input, rule }) => `- **${name}**. ${input} _Rule_: ${rule}`).join("\n");
}

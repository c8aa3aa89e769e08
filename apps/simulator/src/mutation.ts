import { readSection, replaceSection } from "@x/testing/document-sections";
import { DOCUMENT } from "./document.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { mutants } from "./mutants.ts";
import { simulate } from "./seeds.ts";

export interface MutationOptions {
  readonly workers: number;
  /** Seeds that a mutant gets at most. */
  readonly seeds: number;
  /** Only the mutants whose name holds one of these texts, with commas in between. */
  readonly only: string | undefined;
  readonly write: boolean | undefined;
}

interface Verdict {
  readonly mutant: Mutant;
  /** The first seed that broke a rule, counted from 1. */
  readonly seeds: number | undefined;
  readonly rule: string | undefined;
}

/** Runs every mutant until a seed breaks a rule. Whether all were caught, and the sources as they are were not. */
export async function runMutants({ workers, seeds, only, write }: MutationOptions): Promise<boolean> {
  const unpatched = await simulate({ from: 0, seeds: 200, workers, mutant: "" });
  console.log(`the sources as they are: ${unpatched.broken === 0 ? "all rules hold" : "BROKEN"}`);
  const parts = only?.split(",") ?? [""];
  const chosen = mutants.filter(({ name }) => parts.some((part) => name.includes(part)));
  const verdicts: Verdict[] = [];
  for (const mutant of chosen) {
    const verdict = await judge(mutant, workers, seeds);
    verdicts.push(verdict);
    console.log(`${mutant.name}: ${describe(verdict)}`);
    if (write) await keep(verdict);
  }
  const missed = verdicts.filter((verdict) => verdict.seeds === undefined);
  console.log(`${verdicts.length - missed.length} of ${verdicts.length} mutants are caught.`);
  return missed.length === 0 && unpatched.broken === 0;
}

async function judge(mutant: Mutant, workers: number, seeds: number): Promise<Verdict> {
  const { breaches } = await simulate({ from: 0, seeds, workers, mutant: mutant.name, untilBroken: true });
  const [first] = breaches;
  return { mutant, seeds: first && first.seed + 1, rule: first?.rule };
}

/** Writes one verdict into the document. Those of the other mutants stay, so that they may run in parts. */
async function keep(verdict: Verdict): Promise<void> {
  const before = (await readSection(DOCUMENT, "mutants")).split("\n");
  const lines = mutants.map((mutant) => {
    const start = `- ${mutant.name}: `;
    return mutant === verdict.mutant ? start + describe(verdict) : before.find((line) => line.startsWith(start));
  });
  await replaceSection(DOCUMENT, "mutants", lines.filter((line) => line !== undefined).join("\n"));
}

function describe({ seeds, rule }: Verdict): string {
  return seeds === undefined ? "NOT CAUGHT" : `caught after ${seeds} ${seeds === 1 ? "seed" : "seeds"} by "${rule}"`;
}

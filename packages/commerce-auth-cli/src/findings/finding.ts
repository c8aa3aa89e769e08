import { fillWords, type Values } from "../fill-words.ts";
import type { Language } from "../language.ts";
import type { Verdict } from "./verdict.ts";
import { VERDICTS, type VerdictId } from "./verdicts/verdicts.ts";

/** What an examination found: a verdict, and the values that were seen. */
export interface Finding {
  readonly verdict: VerdictId;
  readonly values: Values;
}

export function finding(verdict: VerdictId, values: Values = {}): Finding {
  return { verdict, values };
}

/** A finding in words. */
export interface Explained {
  readonly saw: string;
  readonly means: string;
  readonly advice: string | undefined;
}

export function explain({ verdict, values }: Finding, language: Language): Explained {
  const [saw, means, advice] = VERDICTS[verdict][language];
  const fill = (text: string) => fillWords(text, values, language);
  return { saw: fill(saw), means: fill(means), advice: advice === undefined ? undefined : fill(advice) };
}

const RANK = { problem: 2, warning: 1, note: 0, ok: 0 } as const;

/** The finding that explains the rest: the first of the worst. Examinations run from cause to effect. */
export function causeOf(findings: readonly Finding[]): Finding | undefined {
  const rank = (each: Finding) => RANK[levelOf(each)];
  const worst = Math.max(0, ...findings.map(rank));
  return worst === 0 ? undefined : findings.find((each) => rank(each) === worst);
}

export function levelOf({ verdict }: Finding): Verdict["level"] {
  return VERDICTS[verdict].level;
}

export function hasProblem(found: readonly Finding[]): boolean {
  return found.some((each) => levelOf(each) === "problem");
}

import type { Answer } from "../answers/recorder.ts";
import { known } from "./probe-answers.ts";
import { ProbeSession, type Subject } from "./probe-session.ts";
import type { ProbeAnswer } from "./questions.ts";

/** The answers of a probe, and what they cost. */
export interface ProbeResult {
  readonly answers: readonly ProbeAnswer[];
  readonly requests: number;
}

/** Asks one provider what its documents leave open. */
export async function probe(subject: Subject, isSlow: boolean): Promise<ProbeResult> {
  const session = new ProbeSession(subject);
  const own = await subject.profile.probe(session, isSlow);
  return { answers: [...own, ...ofEveryAnswer(session.answers)], requests: session.answers.length };
}

/** What all answers have or lack. A broken connection is no answer. */
function ofEveryAnswer(all: readonly Answer[]): readonly ProbeAnswer[] {
  const answers = all.filter(({ status }) => status > 0);
  const limited = answers.filter(({ status }) => status === 429);
  const has = (name: string) => (answer: Answer) => answer.headers.has(name);
  return [
    known("dateHeader", answers.length === 0 ? undefined : answers.every(has("date"))),
    known("retryAfter", limited.length === 0 ? undefined : limited.some(has("retry-after"))),
  ];
}

import type { Answer } from "../answers/recorder.ts";
import type { Prober, Requested } from "./prober.ts";
import type { OPEN, ProbeAnswer, QuestionId } from "./questions.ts";

/** Long enough for a lifetime in whole seconds to change, and for the API's nodes to hear of a new token. */
export const PAUSE_MS = 3_000;

const FIRST_WAITS_MS = [0, 250, 750, 2_000];

/** An answer. Undefined: there was no occasion to see one. */
export function known(question: QuestionId, answer: string | number | boolean | undefined): ProbeAnswer {
  return answer === undefined ? open(question, "no_occasion") : { question, answer };
}

export function open(question: QuestionId, reason: keyof typeof OPEN): ProbeAnswer {
  return { question, open: reason };
}

export function noToken(...questions: readonly QuestionId[]): readonly ProbeAnswer[] {
  return questions.map((question) => open(question, "no_token"));
}

/** The status of a refused token request. */
export function refusal(question: QuestionId, { token, last }: Requested): ProbeAnswer {
  return known(question, token === undefined ? statusOf(last) : undefined);
}

/** The status, if there was an answer. */
export function statusOf(answer: Answer | undefined): number | undefined {
  return answer?.status || undefined;
}

/** Reads at once, then after longer and longer waits, until the API knows the token. */
export async function propagationOf(prober: Prober, token: string): Promise<ProbeAnswer> {
  let waited = 0;
  for (const ms of FIRST_WAITS_MS) {
    if (ms > 0) await prober.wait(ms);
    waited += ms;
    const status = statusOf(await prober.read(token));
    if (status !== undefined && status !== 401)
      return known("propagation", waited === 0 ? "at once" : `within ${waited}`);
  }
  return open("propagation", "no_occasion");
}

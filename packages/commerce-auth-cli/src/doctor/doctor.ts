import { TokenCache, TokenError } from "@x/token-cache-core";
import type { TokenAuth } from "@x/token-cache-core/provider";
import type { Access } from "../access/access.ts";
import { secretForm } from "../access/secret-form.ts";
import { harmlessRead } from "../answers/harmless-read.ts";
import { type Answer, Recorder } from "../answers/recorder.ts";
import { type Finding, finding, hasProblem } from "../findings/finding.ts";
import { joinedReads, limitFindings, readFinding } from "./api-answer.ts";
import { clockFinding } from "./clock.ts";
import { reach } from "./reachability.ts";
import { issuedToken, missingToken } from "./token-answer.ts";

/** What is examined. */
export interface Examination extends Access {
  /** Of this process, without the files: Node reads its proxy settings before it reads a file. */
  readonly env: NodeJS.ProcessEnv;
}

/** Shows what is being done, if it takes long. */
export type Watch = <T>(step: "network" | "token" | "api", work: Promise<T>) => Promise<T>;

/**
 * Examines one provider from cause to effect, and stops if the rest would fail for the same cause. Sends one token
 * request (Naver: a second one if the first is rejected for its time) and one harmless read per group of API calls.
 */
export async function examine(examination: Examination, watch: Watch): Promise<Finding[]> {
  const { profile, target, credentials, timeoutMs } = examination;
  const found: Finding[] = [];
  if (target.emulator !== undefined) found.push(finding("emulator.in_use", { origin: target.emulator }));
  found.push(...secretForm(examination));
  if (hasProblem(found)) return found;
  const recorder = new Recorder();
  const cache = new TokenCache({ maxAttempts: 1, flightTimeoutMs: timeoutMs + 1_000 });
  try {
    const auth = profile.createAuth({ credentials, target, cache, fetch: recorder.fetch, timeoutMs });
    return [...found, ...(await fromNetworkToApi(examination, auth, recorder, watch))];
  } catch (error) {
    if (!TokenError.is(error)) throw error;
    return [...found, finding("token.bad_option", { message: error.message })];
  } finally {
    await cache.close();
  }
}

async function fromNetworkToApi(examination: Examination, auth: TokenAuth, recorder: Recorder, watch: Watch) {
  const { profile, target, env, timeoutMs } = examination;
  const found: Finding[] = [];
  const way = await watch("network", reach(target.tokenUrl, env, timeoutMs));
  found.push(...way.findings);
  if (!way.isReachable) return found;

  const issued = await watch("token", tokenOrError(auth));
  const { last } = recorder;
  if (last !== undefined && last.status > 0) found.push(clockFinding(recorder.answers[0] ?? last));
  if ("error" in issued || last === undefined) {
    if (last === undefined) throw issued.error;
    return [...found, missingToken(issued.error, last, examination, way.publicAddress)];
  }
  found.push(issuedToken(profile, last));
  return [...found, ...(await watch("api", readApi(examination, issued.value)))];
}

/** One token by the provider's own package, so that its form is right. */
async function tokenOrError(auth: TokenAuth) {
  try {
    return { value: (await auth.getToken()).value };
  } catch (error) {
    return { error };
  }
}

async function readApi(examination: Examination, token: string): Promise<Finding[]> {
  const { profile, target, credentials } = examination;
  const answers: Answer[] = [];
  const found: Finding[] = [];
  for (const read of profile.reads(credentials)) {
    const answer = await harmlessRead(examination, token, read.path);
    if (answer === undefined) continue;
    answers.push(answer);
    found.push(readFinding(profile, read, answer, target));
    // The next read would wait in vain for as long.
    if (answer.failure === "TIMEOUT" || profile.isQuotaUsedUp?.(answer)) break;
  }
  return [...joinedReads(found), ...limitFindings(profile, answers)];
}

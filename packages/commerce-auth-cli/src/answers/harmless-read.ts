import type { Access } from "../access/access.ts";
import { type Answer, Recorder } from "./recorder.ts";

/**
 * Sends one API call with a token, and no other one: the client of the provider's package would renew a refused token and
 * call again.
 */
export async function harmlessRead(access: Access, token: string, path: string): Promise<Answer | undefined> {
  const { profile, target, credentials, timeoutMs } = access;
  const recorder = new Recorder();
  const headers = { ...profile.headers(credentials), authorization: `Bearer ${token}`, accept: "application/json" };
  const signal = AbortSignal.timeout(timeoutMs);
  // The token must not follow a redirect to another host.
  const response = recorder.fetch(target.apiBaseUrl + path, { headers, signal, redirect: "manual" });
  await response.then((answer) => answer.body?.cancel()).catch(() => {});
  return recorder.last;
}

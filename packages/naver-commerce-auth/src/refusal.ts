import type { ApiAnswer } from "@x/token-cache-core/provider";
import { refusalSchema } from "./schemas.ts";

/**
 * Whether the API refuses the token: HTTP 401 with the gateway's code `GW.AUTHN` (error guide). A missing API permission
 * has the same response, and only another token distinguishes the two. The response to a `HEAD` has no code.
 */
export async function isRefused(answer: ApiAnswer): Promise<boolean> {
  if (answer.status !== 401) return false;
  if (answer.method === "HEAD") return true;
  return refusalSchema.safeParse(await answer.readJson()).success;
}

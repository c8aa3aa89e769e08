import type { ApiAnswer } from "@x/token-cache-core/provider";

/**
 * Whether an API answer says "your token is bad": HTTP 401 with the gateway's code `GW.AUTHN` (error guide). A missing
 * API permission is answered the same; only asking for another token tells the two apart. The answer to a `HEAD` has no code.
 */
export async function isRefused(answer: ApiAnswer): Promise<boolean> {
  if (answer.status !== 401) return false;
  if (answer.method === "HEAD") return true;
  const { refusalSchema } = await import("./schemas.ts");
  return refusalSchema.safeParse(await answer.readJson()).success;
}

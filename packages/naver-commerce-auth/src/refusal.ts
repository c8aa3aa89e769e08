import { type ApiAnswer, once } from "@x/token-cache-core";
import * as z from "zod/mini";

const refusalSchema = once(() => z.object({ code: z.literal("GW.AUTHN") }));

/**
 * Whether an API answer says "your token is bad": HTTP 401 with the gateway's code `GW.AUTHN` (error guide). A missing
 * API permission is answered the same; only asking for another token tells the two apart. The answer to a `HEAD` has no code.
 */
export async function isRefused(answer: ApiAnswer): Promise<boolean> {
  if (answer.status !== 401) return false;
  return answer.method === "HEAD" || z.safeParse(refusalSchema(), await answer.readJson()).success;
}

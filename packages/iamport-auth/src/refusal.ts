import type { ApiAnswer } from "@x/token-cache-core/provider";

/** Whether an API answer says "your token is bad": HTTP 401 (access token guide). */
export function isRefused({ status }: ApiAnswer): boolean {
  return status === 401;
}

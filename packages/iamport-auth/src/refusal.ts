import type { ApiAnswer } from "@x/token-cache-core/provider";

/** Whether the API refuses the token: HTTP 401 (access token guide). */
export function isRefused({ status }: ApiAnswer): boolean {
  return status === 401;
}

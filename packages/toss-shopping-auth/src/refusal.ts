import type { ApiAnswer } from "@x/token-cache-core/provider";

/**
 * Whether the API refuses the token: HTTP 401 (observed in public clients). All other failures are HTTP 200 with
 * `resultType: "FAIL"`, and none of their codes is known to mean a bad token.
 */
export function isRefused({ status }: ApiAnswer): boolean {
  return status === 401;
}

import type { PacingOptions } from "../contract/rate-limits.ts";

/**
 * When an HTTP client on top of an authenticated `fetch` repeats an API call: reads only, twice, after a transient
 * error. It fits the option `retry` of ky. The `fetch` itself renews a refused token. Waiting for a rate limit or for
 * `Retry-After` is left to the caller: it may take an hour.
 */
export function apiRetry() {
  return {
    limit: 2,
    methods: ["get" as const, "head" as const],
    statusCodes: [408, 500, 502, 503, 504],
    /** `false`: not again. `undefined`: as the status says. */
    shouldRetry({ error }: { readonly error: Error }): false | undefined {
      const { response } = error as Error & { readonly response?: Response };
      return response?.headers.has("retry-after") ? false : undefined;
    },
  };
}

/** What an HTTP client allows for one call beside the wait for its turn, in ms. */
const CALL_MS = 10_000;

/** The time limit of an HTTP client on top of an authenticated `fetch`, in ms: the wait for a turn does not count. */
export function apiTimeoutMs(rateLimit: PacingOptions | false): number {
  return CALL_MS + (rateLimit === false ? 0 : rateLimit.maxWaitMs);
}

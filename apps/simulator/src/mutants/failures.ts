import { mutant } from "./mutant.ts";

/** What follows after a provider failed. */
export const failures = [
  mutant(
    "Retry-After is ignored between flights",
    "cache/negative-cache.ts",
    "Math.max(waitMs, error.retryAfterMs ?? 0)",
    "waitMs",
  ),
  mutant(
    "Retry-After is ignored within a flight",
    "cache/issuer.ts",
    "error.retryAfterMs ?? backoffMs(attempt, BACKOFF)",
    "backoffMs(attempt, BACKOFF)",
  ),
  mutant(
    "failures are not remembered",
    "cache/negative-cache.ts",
    "if (this.#failure === undefined) return undefined;\n",
    "return undefined;\n",
  ),
  mutant(
    "one attempt too many",
    "cache/issuer.ts",
    "!error.retryable || attempt >= maxAttempts",
    "!error.retryable || attempt > maxAttempts",
  ),
  mutant(
    "a lifetime without a limit",
    "contract/issued-token-fault.ts",
    "lifetimeMs > 0 && lifetimeMs <= LONGEST_LIFETIME_MS",
    "lifetimeMs !== 0",
  ),
  mutant(
    "a slot is not given back",
    "cache/token-cache.ts",
    "      slot.free();\n      lease?.end();",
    "      lease?.end();",
  ),
];

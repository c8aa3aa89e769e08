import type { TokenSource } from "../contract/token-source.ts";
import type { TokenState } from "../contract/token-state.ts";
import { type Clock, instant } from "../time/clock.ts";
import { asTokenError } from "./issuer.ts";
import type { Memory } from "./memory.ts";
import type { NegativeCache } from "./negative-cache.ts";
import type { SharedTokens } from "./sharing/shared-tokens.ts";

interface InspectedParts {
  readonly clock: Clock;
  readonly memory: Memory;
  readonly negative: NegativeCache;
  readonly shared: SharedTokens | undefined;
}

/** What is known about an identity, by memory alone. */
export function inspect(source: TokenSource, { clock, memory, negative, shared }: InspectedParts): TokenState {
  const store = shared === undefined ? "none" : shared.isFailing ? "failing" : "working";
  try {
    const usable = memory.usable(source, instant(clock));
    const lastError = negative.peek(source.key)?.lastError;
    return { token: usable?.token, renewalDueAt: usable?.staleAt, lastError, store };
  } catch (error) {
    // The source's key may need credentials that are missing.
    return { token: undefined, renewalDueAt: undefined, lastError: asTokenError(error, source.provider), store };
  }
}

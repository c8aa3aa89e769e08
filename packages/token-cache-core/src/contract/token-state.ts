import type { AccessToken } from "./access-token.ts";
import type { TokenError } from "./token-error.ts";

/**
 * A cache's second level. `none`: memory only. `working`: no operation has failed since the last success. `failing`: the
 * last operation failed, and the cache issues without the store until one succeeds.
 */
export type StoreState = "none" | "working" | "failing";

/** What a cache knows about one identity at this moment. */
export interface TokenState {
  /** The token in memory, if it is usable. */
  readonly token: AccessToken | undefined;
  /** From then on the token is stale: the next call starts a background refresh. Epoch ms on this machine's wall clock. */
  readonly renewalDueAt: number | undefined;
  /** Why the last attempt to get a token failed, until the provider issues one; or that the cache is closed. */
  readonly lastError: TokenError | undefined;
  readonly store: StoreState;
}

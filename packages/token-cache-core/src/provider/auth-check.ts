import type { TokenCacheLike } from "../contract/token-cache-like.ts";
import { TokenError } from "../contract/token-error.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { isRotating } from "../contract/token-source.ts";
import type { StoreState } from "../contract/token-state.ts";
import { ownMembers } from "../own-members.ts";

/** Options of {@link TokenAuth.check}. */
export interface AuthCheckOptions {
  /** Gets a token if none is usable: from the store or the provider. Default `false`: nothing is sent. */
  readonly issue?: boolean | undefined;
  /** Ends the wait for that token. The check then answers with what is known. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What is known about a client's credentials.
 *
 * - `known`: nothing says that they are wrong.
 * - `missing`: an option or an environment variable is missing or malformed.
 * - `refused`: the provider rejected them.
 * - `not_fetched`: the function in the option `credentials` has not been called yet.
 * - `unavailable`: this function failed, and no credentials are known.
 * - `outdated`: this function failed the last time. Those that it returned before are in use.
 */
export type CredentialsState = "known" | "missing" | "refused" | "not_fetched" | "unavailable" | "outdated";

/** The state of one identity, for readiness and health endpoints. It holds no token and no secret, so it may be printed. */
export interface AuthCheck {
  /** Whether memory holds a token that may be used now. */
  readonly usable: boolean;
  /** When this token expires: epoch ms on this machine's wall clock. */
  readonly expiresAt: number | undefined;
  /** When this token becomes stale: epoch ms. The next call then starts a background refresh. */
  readonly renewalDueAt: number | undefined;
  /** Why the last attempt to get a token failed, until one succeeds. A usable token stays in use meanwhile. */
  readonly lastError?: TokenError | undefined;
  readonly store: StoreState;
  readonly credentials: CredentialsState;
}

/** The state of a source in a cache. Never rejects. */
export async function checkAuth(
  cache: TokenCacheLike,
  source: TokenSource,
  given: AuthCheckOptions | undefined,
): Promise<AuthCheck> {
  const { issue, signal } = ownMembers(given);
  const failure = issue ? await failureOf(() => cache.getToken(source, { signal })) : undefined;
  const { token, renewalDueAt, lastError, store } = cache.inspect(source);
  const error = failure ?? lastError ?? source.rotation?.lastError;
  return {
    usable: token !== undefined,
    expiresAt: token?.expiresAt,
    renewalDueAt,
    ...(error && { lastError: error }),
    store,
    credentials: credentialsState(source, error),
  };
}

/** The TokenError that a call fails with. An abort by its caller is none. */
async function failureOf(call: () => Promise<unknown>): Promise<TokenError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return TokenError.is(error) ? error : undefined;
  }
}

function credentialsState(source: TokenSource, error: TokenError | undefined): CredentialsState {
  try {
    void source.key;
  } catch {
    return "missing";
  }
  if (error?.code === "invalid_credentials") return "refused";
  if (!isRotating(source)) return "known";
  const { current, lastError } = source.rotation;
  if (lastError !== undefined) return current === undefined ? "unavailable" : "outdated";
  return current === undefined ? "not_fetched" : "known";
}

import type { Clock, Instant } from "../time/clock.ts";
import type { ServerClock } from "../time/server-clock.ts";
import type { ApiAnswer } from "./api-answer.ts";
import type { LaneOwner } from "./rate-limits.ts";
import type { RenewalPolicy } from "./renewal-policy.ts";
import type { TokenError } from "./token-error.ts";

/** What issues tokens for one identity. A provider package makes one; anyone can write one for another provider. */
export interface TokenSource {
  /** The provider's name, for errors and events. */
  readonly provider: string;
  /** The origin of the token endpoint. Token requests to one origin are limited in number, and share its clock. */
  readonly origin: string;
  /**
   * The cache key of this identity. It is read at every call, so it must be cheap. It never changes, unless the source has
   * a {@link TokenSource.rotation}: then it is the key of the credentials known last.
   */
  readonly key: string;
  readonly policy: RenewalPolicy;
  /**
   * The application and what its provider counts by: token requests wait for their turn. Default: they do not. It is read
   * once per token request.
   */
  readonly rateLimit?: LaneOwner | undefined;
  /**
   * Asks the provider for a token, once: retries, sharing and time limits are the cache's.
   *
   * @throws TokenError
   */
  issue(context: IssueContext): Promise<IssuedToken>;
  /** For credentials that may change while the process runs: the cache issues with the sources that this returns. */
  readonly rotation?: CredentialRotation | undefined;
}

/** What a {@link TokenSource} is given for one token request. */
export interface IssueContext {
  /** Aborts when the flight's token requests exceed their time limit, and when the cache is closed. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The clock of {@link TokenSource.origin}, shared by all identities there. */
  readonly serverClock: ServerClock;
  /** Whether a request may wait for another request's promise: see the option `sharedFlights` of the cache. */
  readonly sharedFlights: boolean;
  /**
   * Waits for the next turn of the provider's rate limit, before each token request. `undefined`: the request may be sent
   * at once.
   *
   * @throws TokenError `quota_exhausted`
   */
  takeTurn?(): Promise<void> | undefined;
  /** Learns the provider's rate limit from the token endpoint's answer. */
  learnLimit?(answer: ApiAnswer): Promise<void>;
  /**
   * State that all identities of {@link TokenSource.origin} share in this cache, such as signatures.
   *
   * @param name unique within the provider
   * @param create called at the first use
   */
  hostState<T>(name: string, create: () => T): T;
}

/** A token as a provider's answer describes it. */
export interface IssuedToken {
  readonly value: string;
  /** Default `Bearer`. */
  readonly tokenType?: string | undefined;
  readonly scope?: string | undefined;
  /** How long the token lives from {@link IssuedToken.sentAt}, in ms. */
  readonly lifetimeMs: number;
  /** When the request was sent. The token's life counts from then, so it never seems longer than it is. */
  readonly sentAt: Instant;
}

/** How a call of the function in the option `credentials` ended. `failed`: credentials known before stay in use. */
export type CredentialsOutcome = "first" | "unchanged" | "changed" | "failed";

/** A source whose credentials may change while the process runs. */
export type RotatingSource = TokenSource & { readonly rotation: CredentialRotation };

export function isRotating(source: TokenSource): source is RotatingSource {
  return source.rotation !== undefined;
}

/** The credentials of one identity that may change while the process runs. Each set of credentials is a source of its own. */
export interface CredentialRotation {
  /** The source with the credentials known last. `undefined` before they are known. */
  readonly current: TokenSource | undefined;
  /** Why the credentials could not be read the last time. `undefined` after a success. */
  readonly lastError: TokenError | undefined;
  /**
   * The source with the credentials as they are now. Reads them if none are known, if they are older than their time to
   * live, or if the provider refused them; after failures with exponential backoff. Unchanged credentials are the same
   * source.
   *
   * @throws TokenError `credentials_unavailable`, if no credentials are known
   */
  resolve(context: RotationContext): Promise<TokenSource>;
}

/** What a {@link CredentialRotation} is given to read the credentials. */
export interface RotationContext {
  readonly clock: Clock;
  /** Whether callers may wait for another caller's read: see the option `sharedFlights` of the cache. */
  readonly sharedFlights: boolean;
  /** The provider refused the credentials of the source with this key. The same error counts once. */
  readonly refusal?: { readonly key: string; readonly error: TokenError } | undefined;
  /** Receives the outcome of a read that this call started. */
  report(outcome: CredentialsOutcome, durationMs: number): void;
}

import type { Clock, Instant } from "./clock.ts";
import { RememberingSource } from "./remembering-source.ts";
import type { RenewalPolicy } from "./renewal-policy.ts";
import type { ServerClock } from "./server-clock.ts";
import { sha256Hex } from "./sha256.ts";

/** What issues tokens for one identity. A provider package makes one; anyone can write one for another provider. */
export interface TokenSource {
  /** The provider's name, for errors and events. */
  readonly provider: string;
  /** The origin of the token endpoint. Token requests to one origin are limited in number, and share its clock. */
  readonly origin: string;
  /** What tells this identity from every other: see {@link tokenKey}. Read on every call, so it must be cheap. */
  readonly key: string;
  readonly policy: RenewalPolicy;
  /**
   * Asks the provider for a token, once: retries, sharing and time limits are the cache's.
   *
   * @throws TokenError
   */
  issue(context: IssueContext): Promise<IssuedToken>;
}

/** What a {@link TokenSource} is given for one token request. */
export interface IssueContext {
  /** Aborts at the flight's time limit and when the cache is closed. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** The clock of {@link TokenSource.origin}, shared by all identities there. */
  readonly serverClock: ServerClock;
  /** Whether a request may wait for a promise of another one: see {@link TokenCacheOptions.sharedFlights}. */
  readonly sharesFlights: boolean;
}

/** A token as a provider's answer describes it. */
export interface IssuedToken {
  readonly value: string;
  /** Default `Bearer`. */
  readonly tokenType?: string | undefined;
  readonly scope?: string | undefined;
  /** How long the token lives from {@link IssuedToken.sentAt}, in ms. */
  readonly lifetimeMs: number;
  /** When the request was sent: the token's life is counted from then, so that it never seems longer than it is. */
  readonly sentAt: Instant;
}

/** What {@link createTokenSource} makes a source from. */
export interface TokenSourceInit extends Pick<TokenSource, "provider" | "policy" | "issue"> {
  readonly tokenUrl: URL;
  /**
   * Everything else that the token depends on, in a fixed order: client id, secret, scope or type, account. Called once,
   * when the key is first needed, so that credentials can be read late.
   *
   * @throws TokenError `invalid_options` where credentials are missing
   */
  identity(): readonly (string | undefined)[];
}

/** A source whose key follows from its token URL and its identity. */
export function createTokenSource(init: TokenSourceInit): TokenSource {
  return new CreatedSource(init);
}

class CreatedSource extends RememberingSource implements TokenSource {
  readonly provider: string;
  readonly origin: string;
  declare readonly key: string;
  readonly policy: RenewalPolicy;
  readonly issue: TokenSource["issue"];

  constructor({ provider, tokenUrl, policy, identity, issue }: TokenSourceInit) {
    super();
    this.provider = provider;
    this.origin = tokenUrl.origin;
    let key: string | undefined;
    const get = () => {
      key ??= tokenKey(provider, tokenUrl.origin, [tokenUrl.href, ...identity()]);
      return key;
    };
    // The object's own, so that a copy of it has a key too.
    Object.defineProperty(this, "key", { get, enumerable: true });
    this.policy = policy;
    this.issue = issue;
  }
}

/**
 * The key of an identity: `provider:origin:hash`. Any difference in host, client id, secret, scope or account is
 * another key (case 10), and none of them can be read from it.
 *
 * @param identity everything that the token depends on, in a fixed order
 */
export function tokenKey(provider: string, origin: string, identity: readonly (string | undefined)[]): string {
  const hash = sha256Hex(JSON.stringify([provider, origin, ...identity]), 16);
  return [provider, origin, hash].join(":");
}

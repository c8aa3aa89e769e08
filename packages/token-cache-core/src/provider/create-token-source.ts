import type { LaneOwner } from "../contract/rate-limits.ts";
import type { IssueContext, IssuedToken, TokenSource } from "../contract/token-source.ts";
import type { ProviderCredentials } from "../credentials/read-credentials.ts";
import { ownMembers } from "../own-members.ts";
import { type ApplicationLimits, laneOwnerOf } from "../rate-limit/lane-owner.ts";
import { sha256Hex } from "../sha256.ts";
import { rotatingSource } from "./rotating-source.ts";

/** What {@link createTokenSource} makes a source from. */
export interface TokenSourceInit<C = undefined> extends Pick<TokenSource, "provider" | "policy"> {
  readonly tokenUrl: URL;
  /** The result of {@link readCredentials}, for `identity` and `issue`. Leave it out if they know the credentials already. */
  readonly credentials?: ProviderCredentials<C> | undefined;
  /**
   * Everything that the token depends on besides the token URL, in a fixed order: client id, secret, scope or type,
   * account. Called once for each set of credentials, when the key is first needed.
   *
   * @throws TokenError `invalid_options` if something is missing
   */
  identity(credentials: C): readonly (string | undefined)[];
  /**
   * Asks the provider for a token: see {@link TokenSource.issue}.
   *
   * @throws TokenError
   */
  issue(context: IssueContext, credentials: C): Promise<IssuedToken>;
  /** What the provider counts token requests by. Default: they wait for no rate limit. */
  readonly rateLimit?: ApplicationLimits | undefined;
}

/**
 * A source whose key follows from its token URL and its identity. Where a function fetches the credentials, the key
 * follows the credentials.
 */
export function createTokenSource<C = undefined>(init: TokenSourceInit<C>): TokenSource {
  const { provider, tokenUrl, policy, credentials, identity, issue, rateLimit } = ownMembers(init);
  const { origin } = tokenUrl;
  const sourceWith = (read: () => C, accepted?: () => void): TokenSource => {
    let key: string | undefined;
    let laneOwner: LaneOwner | undefined;
    return {
      provider,
      origin,
      get key() {
        key ??= tokenKey(provider, origin, [tokenUrl.href, ...identity(read())]);
        return key;
      },
      policy,
      get rateLimit() {
        laneOwner ??= rateLimit && laneOwnerOf({ provider, origin }, rateLimit);
        return laneOwner;
      },
      async issue(context) {
        const issued = await issue(context, read());
        accepted?.();
        return issued;
      },
    };
  };
  const fetched = credentials?.fetched;
  if (fetched === undefined) return sourceWith(() => credentials?.current() as C);
  return rotatingSource({ provider, origin, policy }, fetched, (known) =>
    sourceWith(
      () => known,
      () => fetched.accepted(known),
    ),
  );
}

/**
 * The key of an identity: `provider:origin:hash`. Any difference in host, client id, secret, scope or account gives
 * another key (case 10). None of them can be read from it.
 *
 * @param identity everything that the token depends on, in a fixed order
 */
export function tokenKey(provider: string, origin: string, identity: readonly (string | undefined)[]): string {
  const hash = sha256Hex(JSON.stringify([provider, origin, ...identity]), 16);
  return [provider, origin, hash].join(":");
}

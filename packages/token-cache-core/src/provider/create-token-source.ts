import type { LaneOwner } from "../contract/rate-limits.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { ownMembers } from "../own-members.ts";
import { type ApplicationLimits, laneOwnerOf } from "../rate-limit/lane-owner.ts";
import { sha256Hex } from "../sha256.ts";

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
  /** What the provider counts token requests by. Default: they wait for no rate limit. */
  readonly rateLimit?: ApplicationLimits | undefined;
}

/** A source whose key follows from its token URL and its identity. */
export function createTokenSource(init: TokenSourceInit): TokenSource {
  const { provider, tokenUrl, policy, identity, issue, rateLimit } = ownMembers(init);
  const { origin } = tokenUrl;
  let key: string | undefined;
  let laneOwner: LaneOwner | undefined;
  return {
    provider,
    origin,
    get key() {
      key ??= tokenKey(provider, origin, [tokenUrl.href, ...identity()]);
      return key;
    },
    policy,
    get rateLimit() {
      laneOwner ??= rateLimit && laneOwnerOf({ provider, origin }, rateLimit);
      return laneOwner;
    },
    issue,
  };
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

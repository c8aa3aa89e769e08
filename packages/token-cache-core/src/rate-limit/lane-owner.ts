import type { LaneOwner, RateLimitRules } from "../contract/rate-limits.ts";
import { sha256Hex } from "../sha256.ts";

/** What a provider counts an application's calls by. */
export interface ApplicationLimits {
  readonly rules: RateLimitRules;
  /** Identifies the application: its client id. Called for each call, since credentials may change. */
  application(): string;
}

/** All identities of an application share its lanes. A store sees only a hash of the client id. */
export function laneOwnerOf(
  { provider, origin }: { readonly provider: string; readonly origin: string },
  { rules, application }: ApplicationLimits,
): LaneOwner {
  return { provider, group: `${provider}:${origin}:${sha256Hex(application(), 16)}`, rules };
}

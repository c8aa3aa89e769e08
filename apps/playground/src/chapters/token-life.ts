import type { AccessToken } from "@x/token-cache-core";
import type { RenewalPolicy, Span } from "@x/token-cache-core/provider";

/** The moments in a token's life, epoch ms by the client's clock: what the page draws. */
export interface TokenLife {
  readonly issuedAt: number;
  /** From here the provider sends another token, or extends this one. Before, it sends the same token again. */
  readonly reissueAt: number | undefined;
  /** The renewal begins somewhere between these two, at a moment drawn once per token. */
  readonly renewFrom: number;
  readonly renewBy: number;
  /** From here it is not handed out any more. */
  readonly unusableAt: number;
  readonly expiresAt: number;
}

/** Reads a token's windows from its provider's policy. */
export function tokenLife({ issuedAt, expiresAt }: AccessToken, policy: RenewalPolicy): TokenLife {
  const lifetimeMs = expiresAt - issuedAt;
  const span = (of: Span) => ("ms" in of ? of.ms : of.share * lifetimeMs);
  const reissueMs = policy.reissueWindow && span(policy.reissueWindow);
  const hardMs = Math.min(span(policy.hardWindow), lifetimeMs / 10);
  const widestMs = Math.max(hardMs, Math.min(span(policy.softWindow), reissueMs ?? lifetimeMs, lifetimeMs / 2));
  const narrowestMs = widestMs - (widestMs - hardMs) * (policy.jitter ?? 0.5);
  return {
    issuedAt,
    reissueAt: reissueMs === undefined ? undefined : expiresAt - reissueMs,
    renewFrom: expiresAt - widestMs,
    renewBy: expiresAt - narrowestMs,
    unusableAt: expiresAt - hardMs,
    expiresAt,
  };
}

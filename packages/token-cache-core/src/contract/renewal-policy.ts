import { TokenError } from "./token-error.ts";

/** A length of time before expiry: fixed, or a share (0 to 1) of the token's real lifetime. */
export type Span = { readonly ms: number } | { readonly share: number };

/** When to renew a token: data, with a source in the provider's documents for each rule. */
export interface RenewalPolicy {
  /** Before expiry: refresh in the background and answer with the current token. At most half of the lifetime. */
  readonly softWindow: Span;
  /** Before expiry: the token counts as expired. At most a tenth of the lifetime. */
  readonly hardWindow: Span;
  /**
   * The provider's re-issue window: while more than this remains, asking again brings the same token. The soft window
   * never reaches beyond it. Omit it if the provider has none, or if it is unknown.
   */
  readonly reissueWindow?: Span;
  /** The share (0 to 1) of the soft window over which renewal moments are spread, drawn once per token. Default 0.5. */
  readonly jitter?: number;
  /** The provider may extend the same token when asked again. Otherwise the earlier expiry stays. */
  readonly extendsSameToken?: boolean;
  /** How long a new token may be unknown to the provider's API, in ms. The cache waits out a refusal within it. Default 0. */
  readonly propagationMs?: number;
}

const LARGEST_SOFT_SHARE = 0.5;
const LARGEST_HARD_SHARE = 0.1;
const DEFAULT_JITTER = 0.5;

/** The moments in a token's life, in ms from its start. */
export interface RenewalSchedule {
  readonly staleAfterMs: number;
  readonly unusableAfterMs: number;
}

/**
 * Turns a policy into moments for a token that lives `lifetimeMs`.
 *
 * @param random a number from 0 to 1, drawn once per token, that spreads renewals (case 25)
 */
export function renewalSchedule(policy: RenewalPolicy, lifetimeMs: number, random: number): RenewalSchedule {
  const hardMs = Math.min(spanMs(policy.hardWindow, lifetimeMs), lifetimeMs * LARGEST_HARD_SHARE);
  const widestMs = Math.min(
    spanMs(policy.softWindow, lifetimeMs),
    policy.reissueWindow === undefined ? Number.POSITIVE_INFINITY : spanMs(policy.reissueWindow, lifetimeMs),
    lifetimeMs * LARGEST_SOFT_SHARE,
  );
  const softMs = widestMs - Math.max(0, widestMs - hardMs) * (policy.jitter ?? DEFAULT_JITTER) * random;
  return { staleAfterMs: lifetimeMs - Math.max(softMs, hardMs), unusableAfterMs: lifetimeMs - hardMs };
}

/** @throws TokenError `invalid_options` naming the field that is wrong */
export function checkRenewalPolicy(policy: RenewalPolicy): void {
  checkSpan("softWindow", policy.softWindow);
  checkSpan("hardWindow", policy.hardWindow);
  if (policy.reissueWindow !== undefined) checkSpan("reissueWindow", policy.reissueWindow);
  if (policy.jitter !== undefined && !(policy.jitter >= 0 && policy.jitter <= 1)) {
    throw invalidPolicy("jitter", "a share from 0 to 1");
  }
  if (policy.propagationMs !== undefined && !(policy.propagationMs >= 0 && policy.propagationMs <= 60_000)) {
    throw invalidPolicy("propagationMs", "from 0 to 60000 ms");
  }
}

function spanMs(span: Span, lifetimeMs: number): number {
  return "ms" in span ? span.ms : span.share * lifetimeMs;
}

function checkSpan(name: string, span: Span): void {
  const isRight = "ms" in span ? span.ms >= 0 && span.ms < Number.POSITIVE_INFINITY : span.share >= 0 && span.share < 1;
  if (!isRight) throw invalidPolicy(name, "{ ms } from 0, or { share } from 0 to below 1");
}

function invalidPolicy(field: string, form: string): TokenError {
  return new TokenError("invalid_options", { message: `The renewal policy's ${field} must be ${form}.` });
}

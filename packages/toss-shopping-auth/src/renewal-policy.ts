import type { RenewalPolicy } from "@x/token-cache-core/provider";

export const renewalPolicy: RenewalPolicy = {
  // "Renew before it expires, but asking too often may be limited" (integration guide). The documented lifetime is a
  // year, the observed one an hour, so every window is a share of `expires_in`.
  softWindow: { share: 0.5 },
  hardWindow: { ms: 60_000 },
  // No re-issue window is known, so the jitter spreads renewals over nearly the whole soft window.
  jitter: 0.9,
  propagationMs: 1_000,
};

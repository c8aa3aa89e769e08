import type { RenewalPolicy } from "@x/token-cache-core/provider";

const MINUTE_MS = 60_000;

export const renewalPolicy: RenewalPolicy = {
  // "30 minutes or more left: the same token; less: a new one, and the old one stays valid until its own expiry"
  // (token guide). Asking earlier is a wasted request.
  reissueWindow: { ms: 30 * MINUTE_MS },
  // A little shorter, so that no token request arrives just before the window opens.
  softWindow: { ms: 28 * MINUTE_MS },
  hardWindow: { ms: 30_000 },
  jitter: 0.8,
  propagationMs: 1_000,
};

import type { RenewalPolicy } from "@x/token-cache-core/provider";

export const renewalPolicy: RenewalPolicy = {
  // "Before expiry: the same token with the same expiry; within the last minute its expiry moves 5 minutes later; after
  // expiry: a new token" (access token guide). Asking before the last minute is a wasted request.
  reissueWindow: { ms: 60_000 },
  extendsSameToken: true,
  // A little shorter, so that no token request arrives just before the last minute.
  softWindow: { ms: 50_000 },
  hardWindow: { ms: 5_000 },
  jitter: 0.6,
  propagationMs: 1_000,
};

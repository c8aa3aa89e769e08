import type { RenewalPolicy } from "@x/token-cache-core/provider";

export const renewalPolicy: RenewalPolicy = {
  // "Renew before it expires, but asking too often may be limited" (integration guide). The documented lifetime is a
  // year, the measured one an hour, so everything is a share of what `expires_in` really says.
  softWindow: { share: 0.5 },
  hardWindow: { ms: 60_000 },
  // Nothing is known of a re-issue window, so renewals are spread over nearly the whole soft window.
  jitter: 0.9,
  propagationMs: 1_000,
};

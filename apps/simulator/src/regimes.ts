import type { RenewalPolicy } from "@x/token-cache-core/provider";
import type { Random } from "./random.ts";

/** How a provider issues tokens; what its documents leave open is drawn both ways. */
export interface Regime {
  readonly name: string;
  readonly policy: RenewalPolicy;
  readonly lifetimeS: number;
  /** While more than this remains, asking again brings the same token. `null`: never. */
  readonly sameWhileS: number | null;
  /** The lifetime that comes with the same token is a whole one, though only a part remains. */
  readonly namesFullLifetime: boolean;
  /** A new token ends the one before it. */
  readonly previousDies: boolean;
  /** How often the same token's end moves, when asked for within its last moments. */
  readonly extensions: number;
  /** How long these last moments are. */
  readonly extensionWindowS: number;
  /** How far the end moves. */
  readonly extensionS: number;
  /** After a token was revoked, asking again brings another one. */
  readonly replacesRevoked: boolean;
}

const MINUTE_S = 60;

/** The policies as the provider packages have them. */
const policies = {
  share: { softWindow: { share: 0.5 }, hardWindow: { ms: 60_000 }, jitter: 0.9, propagationMs: 1_000 },
  reissue: {
    reissueWindow: { ms: 30 * 60_000 },
    softWindow: { ms: 28 * 60_000 },
    hardWindow: { ms: 30_000 },
    jitter: 0.8,
    propagationMs: 1_000,
  },
  extend: {
    reissueWindow: { ms: 60_000 },
    extendsSameToken: true,
    softWindow: { ms: 50_000 },
    hardWindow: { ms: 5_000 },
    jitter: 0.6,
    propagationMs: 1_000,
  },
} satisfies Record<string, RenewalPolicy>;

/** A provider that sends the same token again, mostly up to its end, and mostly names the full lifetime each time. */
export function drawRepeatingRegime(random: Random): Regime {
  const regime = drawRegime(random);
  if (regime.extensions > 0) return regime;
  const sameWhileS = regime.policy.reissueWindow === undefined ? 0 : regime.sameWhileS;
  return { ...regime, previousDies: false, namesFullLifetime: random.chance(0.8), sameWhileS };
}

export function drawRegime(random: Random): Regime {
  const unknown = {
    namesFullLifetime: random.chance(0.4),
    previousDies: random.chance(0.3),
    extensions: 0,
    extensionWindowS: MINUTE_S,
    extensionS: 5 * MINUTE_S,
    replacesRevoked: random.chance(0.9),
  };
  switch (random.oneOf(["toss", "toss", "naver", "iamport"])) {
    case "naver": {
      const lasting = { ...unknown, previousDies: false };
      return { ...lasting, name: "naver", policy: policies.reissue, lifetimeS: 10_800, sameWhileS: 30 * MINUTE_S };
    }
    case "iamport": {
      const exact = { ...unknown, namesFullLifetime: false, extensions: random.chance(0.7) ? 1_000 : 1 };
      return { ...exact, name: "iamport", policy: policies.extend, lifetimeS: 1_800, sameWhileS: 0 };
    }
    default: {
      const lifetimeS = random.oneOf([3_599, 3_599, 3_599, 600, 60, 5, 31_535_999]);
      const sameWhileS = random.chance(0.3) ? random.oneOf([0, Math.floor(lifetimeS / 4)]) : null;
      return { ...unknown, name: "toss", policy: policies.share, lifetimeS, sameWhileS };
    }
  }
}

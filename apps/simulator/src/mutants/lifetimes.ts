import { mutant } from "./mutant.ts";

/** How long a token lives. */
export const lifetimes = [
  mutant(
    "time by the wall clock alone",
    "time/clock.ts",
    "return Math.max(to.monotonic - from.monotonic, to.wall - from.wall);",
    "return to.wall - from.wall;",
  ),
  mutant(
    "time by the monotonic clock alone",
    "time/clock.ts",
    "return Math.max(to.monotonic - from.monotonic, to.wall - from.wall);",
    "return to.monotonic - from.monotonic;",
  ),
  mutant(
    "expired tokens count as stale",
    "cache/freshness.ts",
    `return ageMs < life.unusableAfterMs ? "stale" : "expired";`,
    `return "stale";`,
  ),
  mutant(
    "no stale tokens",
    "cache/freshness.ts",
    "if (ageMs < life.staleAfterMs)",
    "if (ageMs < life.unusableAfterMs)",
  ),
  mutant(
    "a full lifetime named again is believed",
    "cache/freshness.ts",
    "const life = remainingMs(again, now) < remainingMs(held, now) ? again : held;",
    "const life = again;",
  ),
  mutant(
    "a token just over is believed for a whole life",
    "cache/freshness.ts",
    "if (remainingMs(held, again.startedAt) <= 0) return lastMoments(held, again);",
    "if (remainingMs(held, again.startedAt) <= 0) return again;",
  ),
  mutant(
    "a step of the wall clock at a token's end brings it a new life",
    "cache/freshness.ts",
    "const monotonic = isOver ? again.startedAt.monotonic - spentMs : startedAt.monotonic;",
    "const monotonic = again.startedAt.monotonic - spentMs;",
  ),
  mutant(
    "an extension is not believed",
    "cache/freshness.ts",
    "if (policy.extendsSameToken === true && outlives(again, known, now)) return again;",
    "",
  ),
  mutant(
    "the same token is asked for again at once",
    "cache/freshness.ts",
    "return { ...life, staleAfterMs: Math.min(reaskAfterMs, unusableAfterMs), unusableAfterMs };",
    "return { ...life, staleAfterMs: 0, unusableAfterMs };",
  ),
  mutant(
    "a life counts from the answer",
    "provider/token-exchange.ts",
    "body, sentAt, receivedAt };",
    "body, sentAt: { ...receivedAt, monotonic: receivedAt.monotonic + 60_000, wall: receivedAt.wall + 60_000 }, receivedAt };",
  ),
  mutant(
    "the store's remaining life is ignored",
    "cache/sharing/stored-token.ts",
    "const ageMs = Math.max(0, lifetimeMs - remainingMs);",
    "const ageMs = 0;",
  ),
  mutant(
    "a vouch for a token has no end",
    "cache/cached-token.ts",
    "return leftMs > 0 && leftMs <= VOUCHED_FOR_MS;",
    "return this.#vouchedUntil > 0 && leftMs < 1e15;",
  ),
];

import { lifeOfToken } from "./one-provider.ts";
import { apiStatus } from "./scenes.ts";
import { HOUR, MINUTE, SECOND } from "./stage.ts";
import type { Chapter } from "./step.ts";

export const tossShopping: Chapter = lifeOfToken({
  provider: "toss",
  title: "Toss Shopping · 토스쇼핑",
  about:
    "A token lives as long as its answer says: an hour, whatever the documents promise. " +
    "It is renewed somewhere in the second half of its life.",
  lifetimeMs: 3_599 * SECOND,
  staleBeforeExpiryMs: 200 * SECOND,
  createAuth: (stage) => stage.toss(),
  renewal: {
    shows: "A hundred callers while the renewal runs behind them: they get the old token at once.",
    expected: { "the token afterwards": "a new one" },
    facts: async (before, after) => ({ "the token afterwards": sameOrNew(before, after) }),
  },
});

export const naverCommerce: Chapter = lifeOfToken({
  provider: "naver",
  title: "Naver Commerce API · 네이버 커머스API",
  about:
    "Every request for a token is signed. A token lives three hours; asked again, Naver sends the same one " +
    "until less than half an hour remains, and then a new one beside it.",
  lifetimeMs: 3 * HOUR,
  staleBeforeExpiryMs: 5 * MINUTE,
  createAuth: (stage) => stage.naver(),
  renewal: {
    shows: "A hundred callers while the renewal runs behind them. The old token stays alive beside the new one.",
    expected: {
      "the token afterwards": "a new one",
      "API answers the old token": 200,
      "API answers the new token": 200,
    },
    facts: async (before, after, stage) => ({
      "the token afterwards": sameOrNew(before, after),
      "API answers the old token": await apiStatus(stage, "naver", before),
      "API answers the new token": await apiStatus(stage, "naver", after),
    }),
  },
});

export const iamport: Chapter = lifeOfToken({
  provider: "iamport",
  title: "iamport (PortOne V1) · 아임포트",
  about:
    "A token lives half an hour. Asked again, iamport sends the same token; asked in its last minute, " +
    "it moves that token's expiry five minutes on.",
  lifetimeMs: 30 * MINUTE,
  staleBeforeExpiryMs: 15 * SECOND,
  createAuth: (stage) => stage.iamport(),
  renewal: {
    shows: "A hundred callers while the renewal runs behind them: the same token, but it lives longer now.",
    expected: { "the token afterwards": "the same one", "its expiry moved by": "5 min" },
    facts: async (before, after) => ({
      "the token afterwards": sameOrNew(before, after),
      "its expiry moved by": `${Math.round((after.expiresAt - before.expiresAt) / MINUTE)} min`,
    }),
  },
});

function sameOrNew(before: { id: string }, after: { id: string }): string {
  return before.id === after.id ? "the same one" : "a new one";
}

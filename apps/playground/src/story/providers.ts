import { lifeOfToken } from "./one-provider.ts";
import { apiStatus } from "./scenes.ts";
import { HOUR, MINUTE, SECOND } from "./stage.ts";
import type { Chapter } from "./step.ts";

export const tossShopping: Chapter = lifeOfToken({
  provider: "toss",
  title: { en: "Toss Shopping", ko: "토스쇼핑" },
  about: {
    en: "A token lives as long as the answer says: an hour, although the documents say a year. It is renewed in the second half of its lifetime.",
    ko: "토큰은 응답에 적힌 만큼 유효합니다. 문서에는 1년이지만 실제로는 한 시간이며, 유효 기간의 뒤 절반에 갱신합니다.",
  },
  lifetimeMs: 3_599 * SECOND,
  staleBeforeExpiryMs: 200 * SECOND,
  createAuth: (stage) => stage.toss(),
  renewal: {
    shows: {
      en: "A hundred callers during a background renewal: they get the old token at once.",
      ko: "백그라운드에서 갱신하는 동안 호출 100건은 기존 토큰을 바로 받습니다.",
    },
    expected: { "the token afterwards": "a new one" },
    facts: async (before, after) => ({ "the token afterwards": sameOrNew(before, after) }),
  },
});

export const naverCommerce: Chapter = lifeOfToken({
  provider: "naver",
  title: { en: "Naver Commerce API", ko: "네이버 커머스API" },
  about: {
    en: "Every token request is signed. A token lives three hours; Naver sends the same one again until less than half an hour remains.",
    ko: "토큰을 요청할 때마다 서명합니다. 토큰은 세 시간 유효하고, 30분 미만으로 남기 전까지는 같은 토큰을 다시 줍니다.",
  },
  lifetimeMs: 3 * HOUR,
  staleBeforeExpiryMs: 5 * MINUTE,
  createAuth: (stage) => stage.naver(),
  renewal: {
    shows: {
      en: "A hundred callers during a background renewal. The old token stays valid beside the new one.",
      ko: "백그라운드에서 갱신하는 동안 호출 100건이 들어옵니다. 기존 토큰도 새 토큰과 함께 유효합니다.",
    },
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
  title: { en: "iamport (PortOne V1)", ko: "아임포트(포트원 V1)" },
  about: {
    en: "A token lives half an hour. iamport sends the same token again; in its last minute it extends it by five minutes.",
    ko: "토큰은 30분 유효합니다. 다시 요청하면 같은 토큰을 주고, 마지막 1분에 요청하면 만료를 5분 늦춥니다.",
  },
  lifetimeMs: 30 * MINUTE,
  staleBeforeExpiryMs: 15 * SECOND,
  createAuth: (stage) => stage.iamport(),
  renewal: {
    shows: {
      en: "A hundred callers during a background renewal: the same token comes back and lives longer.",
      ko: "백그라운드에서 갱신하는 동안 호출 100건이 들어옵니다. 같은 토큰이 돌아오고 만료가 늦춰집니다.",
    },
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

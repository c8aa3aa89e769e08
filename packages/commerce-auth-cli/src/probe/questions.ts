import type { Text } from "../language.ts";

/** What the providers' documents leave open, by a name that reports use. */
export const QUESTIONS = {
  "toss.lifetime": { ko: "토큰은 몇 초 동안 유효한가?", en: "How many seconds does a token live?" },
  "toss.reissue": {
    ko: "만료 전에 다시 요청하면 같은 토큰인가, 새 토큰인가?",
    en: "Does a second request before expiry get the same token or a new one?",
  },
  "toss.previousToken": {
    ko: "새 토큰이 나온 뒤 이전 토큰은 살아 있는가?",
    en: "After a new token, does the earlier one still work?",
  },
  "toss.invalidClientStatus": {
    ko: "키가 틀리면 HTTP 상태는 400인가, 401인가?",
    en: "Do wrong keys get HTTP 400 or 401?",
  },
  "naver.expiresInOnReturn": {
    ko: "다시 받은 토큰의 expires_in은 남은 시간인가, 10800인가?",
    en: "Is expires_in of a token that is returned again the remaining time, or 10800?",
  },
  "naver.clockRefusalStatus": {
    ko: "timestamp가 거절될 때 HTTP 상태는 400인가, 403인가?",
    en: "Does a rejected timestamp get HTTP 400 or 403?",
  },
  "naver.signatureRefusalStatus": {
    ko: "서명이 틀리면 HTTP 상태는 400인가, 403인가?",
    en: "Does a wrong signature get HTTP 400 or 403?",
  },
  "naver.missingPermission": {
    ko: "권한이 없는 API 그룹은 어떻게 응답하는가?",
    en: "What does an API group answer that was not granted?",
  },
  "naver.tokenRateHeaders": {
    ko: "토큰 응답에도 호출 한도 헤더가 있는가?",
    en: "Do token answers have rate limit headers?",
  },
  "iamport.echoCredentials": {
    ko: "인증 실패 메시지에 보낸 키가 그대로 들어 있는가?",
    en: "Does the message of a failed login repeat the keys that were sent?",
  },
  "iamport.issuedStatus": { ko: "발급 응답의 HTTP 상태는?", en: "Which HTTP status has an issued token?" },
  "iamport.wholeSeconds": {
    ko: "now와 expired_at은 정수인가?",
    en: "Are now and expired_at whole seconds?",
  },
  "iamport.extension": {
    ko: "만료 직전의 5분 연장은 여러 번 되는가?",
    en: "Does the 5-minute extension in the last minute repeat?",
  },
  dateHeader: { ko: "응답에 Date 헤더가 있는가?", en: "Do answers have a Date header?" },
  propagation: {
    ko: "새 토큰을 API가 알기까지 몇 ms 걸리는가?",
    en: "After how many ms does the API know a new token?",
  },
  retryAfter: { ko: "429 응답에 Retry-After가 있는가?", en: "Do answers with 429 have a Retry-After?" },
} as const satisfies Readonly<Record<string, Text>>;

/** The name of a question. */
export type QuestionId = keyof typeof QUESTIONS;

/** Why a question stays open. */
export const OPEN = {
  no_occasion: { ko: "볼 기회가 없었음", en: "there was no occasion to see it" },
  needs_slow: { ko: "--slow를 붙이면 최대 40분 동안 확인함", en: "add --slow, which takes up to 40 minutes" },
  no_token: { ko: "토큰을 받지 못함", en: "no token was issued" },
} as const satisfies Readonly<Record<string, Text>>;

/** An answer, or the reason why there is none. Never a token, a key, a name or an address. */
export type ProbeAnswer = { readonly question: QuestionId } & (
  | { readonly answer: string | number | boolean }
  | { readonly open: keyof typeof OPEN }
);

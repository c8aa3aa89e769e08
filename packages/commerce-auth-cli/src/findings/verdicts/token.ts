import type { Verdict } from "../verdict.ts";

/** An issued token. */
export const tokenVerdicts = {
  "token.new": {
    topic: "token",
    level: "ok",
    ko: ["{seconds}초 유효", "새 토큰이 발급되었습니다. 수명이 온전히 남아 있습니다."],
    en: ["valid for {seconds} s", "A new token was issued: its whole life is left."],
  },
  "token.returned": {
    topic: "token",
    level: "ok",
    ko: [
      "{seconds}초 남음 (전체 {lifetime}초)",
      "이미 발급된 토큰이 다시 돌아왔습니다. 같은 키를 쓰는 다른 프로그램이 먼저 발급받았습니다.",
    ],
    en: [
      "{seconds} s left of {lifetime} s",
      "A token that was issued before came back: another program with these keys asked first.",
    ],
  },
  "token.hour": {
    topic: "token",
    level: "ok",
    ko: ["{seconds}초 유효", "토큰이 발급되었습니다. 문서에는 1년이지만 실제로는 한 시간이므로 expires_in을 따르세요."],
    en: [
      "valid for {seconds} s",
      "A token was issued. The documents say a year, real tokens live an hour: trust expires_in.",
    ],
  },
  "token.year": {
    topic: "token",
    level: "ok",
    ko: ["{seconds}초 유효", "문서에 적힌 대로 약 1년짜리 토큰이 발급되었습니다."],
    en: ["valid for {seconds} s", "A token of about a year was issued, as the documents say."],
  },
  "token.other_lifetime": {
    topic: "token",
    level: "note",
    ko: [
      "{seconds}초 유효",
      "문서와 다른 수명의 토큰입니다. 토큰은 쓸 수 있습니다.",
      "수명을 코드에 적어 두지 말고 응답을 따르세요.",
    ],
    en: [
      "valid for {seconds} s",
      "The token's life is not the documented one. It can be used.",
      "Do not hard-code a lifetime: follow the answer.",
    ],
  },
} as const satisfies Readonly<Record<string, Verdict>>;

import { atLeast, type Chapter, step } from "./step.ts";

/** The last chapter: it searches everything that the others left behind. */
export const secrecy: Chapter = {
  title: { en: "Secrets", ko: "비밀 값" },
  about: {
    en: "Every secret, signature and token above was recognizable. Do any of them appear where they do not belong?",
    ko: "위에서 쓴 시크릿, 서명, 토큰은 모두 알아볼 수 있는 값입니다. 있어서는 안 될 곳에 나타났을까요?",
  },
  steps: (_stage, { secrets, traces }) => [
    step({
      name: "secrets: nowhere",
      shows: {
        en: "Everything printed and reported so far is searched: this story, events, errors, the emulator's journal.",
        ko: "지금까지 출력하고 보고한 모든 것, 곧 이 이야기와 이벤트, 오류, 에뮬레이터의 기록을 검색합니다.",
      },
      expected: {
        "secrets and signatures in play": atLeast(10),
        "tokens in play": atLeast(15),
        "kinds of secrets found": 0,
        "a planted leak is found": true,
      },
      tokenRequests: {},
      async run() {
        const everything = traces.join("\n");
        const tokens = secrets.count("token");
        return {
          "secrets and signatures in play": secrets.size - tokens,
          "tokens in play": tokens,
          "kinds of secrets found": secrets.foundIn(everything).length,
          "a planted leak is found": secrets.foundIn(everything + secrets.sample()).length === 1,
        };
      },
    }),
  ],
};

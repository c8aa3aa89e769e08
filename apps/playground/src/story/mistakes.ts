import type { TokenAuth } from "@x/token-cache-core/provider";
import type { Words } from "../chapters/words.ts";
import { many } from "./scenes.ts";
import { HOUR, MINUTE, SECOND, type Stage } from "./stage.ts";
import { atMost, type Chapter, type Step, step } from "./step.ts";

/** What goes wrong in practice, and what it costs here. */
export const mistakes: Chapter = {
  title: { en: "Common mistakes", ko: "흔한 실수" },
  about: { en: "A wrong secret and a wrong clock.", ko: "잘못된 시크릿과 어긋난 시계입니다." },
  steps: (stage) => [wrongSecret(stage), ...wrongClocks(stage)],
};

function wrongSecret(stage: Stage): Step {
  return step({
    name: "mistakes: wrong secret",
    shows: {
      en: "A secret is mistyped at each provider, and a thousand calls follow within a minute.",
      ko: "세 곳 모두 시크릿을 잘못 입력한 채 1분 동안 각각 1,000번 호출합니다.",
    },
    expected: { "calls that failed": 3_000, "error at Toss": CODE, "error at Naver": CODE, "error at iamport": CODE },
    tokenRequests: { toss: atMost(4), naver: atMost(4), iamport: atMost(4) },
    async run() {
      const wrong = {
        secretKey: "canary-mistyped-toss",
        naver: "$2a$04$CanaryMistypedNaver...",
        impSecret: "canary-imp",
      };
      for (const secret of Object.values(wrong)) stage.secrets.add("mistyped secret", secret);
      const auths = [
        stage.toss({ secretKey: wrong.secretKey }),
        stage.naver({ clientSecret: wrong.naver }),
        stage.iamport({ impSecret: wrong.impSecret }),
      ];
      const codes = auths.map(() => new Set<string>());
      let failed = 0;
      for (let round = 0; round < 20; round++) {
        for (const [index, auth] of auths.entries()) {
          await many(50, () =>
            failure(stage, auth, (code) => codes[index]?.add(code)).then((isOne) => (failed += isOne)),
          );
        }
        stage.letPass(3 * SECOND);
      }
      const [toss = "", naver = "", iamport = ""] = codes.map((each) => [...each].join(", "));
      return {
        "calls that failed": failed,
        "error at Toss": toss,
        "error at Naver": naver,
        "error at iamport": iamport,
      };
    },
  });
}

const CODE = "invalid_credentials";

/** 1 if a call fails, and its error. */
async function failure(stage: Stage, auth: TokenAuth, onCode: (code: string) => void): Promise<0 | 1> {
  try {
    await auth.getToken();
    return 0;
  } catch (error) {
    stage.errors.push(error);
    onCode(String((error as { code?: unknown }).code));
    return 1;
  }
}

/** Naver takes no timestamp of its future, and none older than five minutes. */
function wrongClocks(stage: Stage): Step[] {
  const ahead = stage.naver({}, stage.clockOffBy(10 * MINUTE));
  const behind = stage.naver({}, stage.clockOffBy(-10 * MINUTE));
  const firstToken = (auth: TokenAuth, name: string, shows: Words, learnt: string) =>
    step({
      name,
      shows,
      expected: { "callers with a token": 100, "server's clock, as learnt": learnt },
      tokenRequests: { naver: 2 },
      async run() {
        const since = stage.events.length;
        const tokens = await many(100, () => auth.getToken());
        const event = stage.events.slice(since).find(({ type }) => type === "clock_synced");
        const offsetMs = event?.type === "clock_synced" ? event.offset.lowerMs : Number.NaN;
        return { "callers with a token": tokens.length, "server's clock, as learnt": minutes(offsetMs) };
      },
    });
  return [
    firstToken(
      ahead,
      "mistakes: clock ten minutes ahead",
      {
        en: "This machine's clock is ten minutes fast. Naver's first refusal tells the time, and the second signature is right.",
        ko: "서버 시계가 10분 빠릅니다. 네이버의 첫 거부 응답으로 시각을 알아내 두 번째 서명은 통과합니다.",
      },
      "-10 min",
    ),
    firstToken(
      behind,
      "mistakes: clock ten minutes behind",
      { en: "The same with a clock that is ten minutes slow.", ko: "10분 느린 시계도 마찬가지입니다." },
      "+10 min",
    ),
    step({
      name: "mistakes: the clock stays learnt",
      shows: {
        en: "Four hours later both machines need new tokens. No request is refused now.",
        ko: "네 시간 뒤 두 서버가 새 토큰을 요청합니다. 이제 거부되는 요청이 없습니다.",
      },
      expected: { "machines with a token": 2 },
      tokenRequests: { naver: 2 },
      async run() {
        stage.letPass(4 * HOUR);
        const tokens = [await ahead.getToken(), await behind.getToken()];
        return { "machines with a token": tokens.length };
      },
    }),
  ];
}

function minutes(ms: number): string {
  const rounded = Math.round(ms / MINUTE);
  return `${rounded > 0 ? "+" : ""}${rounded} min`;
}

import type { TokenAuth } from "@x/token-cache-core/provider";
import { BLOG_APPLICATION, blogToken, callsAnswered } from "./blog-client.ts";
import { many } from "./scenes.ts";
import { DAY, HOUR, MINUTE, SECOND, type Stage } from "./stage.ts";
import { atMost, type Chapter, type Step, step } from "./step.ts";

/** What goes wrong in practice, and what it costs here. */
export const mistakes: Chapter = {
  title: "Mistakes, survived · 흔한 실수",
  about: "A wrong secret, a wrong clock, and the form of request that Naver punishes.",
  steps: (stage) => [wrongSecret(stage), ...wrongClocks(stage)],
};

/** The blog's request is remembered by the whole application, so this chapter has an emulator of its own. */
export const offForm: Chapter = {
  title: "Naver's off-form penalty · 규격 외 요청 제한",
  about:
    "A much-read blog sends the token request's parameters in the query string. Such a request still gets a token, " +
    "and from the next day the whole application has one API call an hour.",
  rules: {
    naver: {
      applications: [
        { clientId: "naverApplication01", clientSecret: "$2a$04$CanaryOfTheNaverSecrt." },
        BLOG_APPLICATION,
      ],
    },
  },
  steps: (stage) => [asTheBlog(stage), asDocumented(stage)],
};

function wrongSecret(stage: Stage): Step {
  return step({
    name: "mistakes: wrong secret",
    shows: "A secret is mistyped, at each provider, and a thousand calls are made within a minute.",
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

/** 1 where a call fails, and what it failed with. */
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
  const firstToken = (auth: TokenAuth, name: string, shows: string, learnt: string) =>
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
      "This machine's clock is ten minutes fast. Naver refuses the first signature, its answer teaches the time, and the second is right.",
      "-10 min",
    ),
    firstToken(
      behind,
      "mistakes: clock ten minutes behind",
      "The same with a clock that is ten minutes slow.",
      "+10 min",
    ),
    step({
      name: "mistakes: the clock stays learnt",
      shows: "Four hours later both machines need new tokens: no refused request any more.",
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

function asTheBlog(stage: Stage): Step {
  return step({
    name: "off-form: as the blog does",
    shows: "The blog's code takes a token, comes back the next day, and makes ten calls.",
    expected: {
      "first day: API calls answered": 10,
      "next day: API calls answered": 1,
      "next day: refused with": QUOTA,
    },
    tokenRequests: { naver: 2 },
    async run() {
      stage.secrets.add("Naver client secret", BLOG_APPLICATION.clientSecret);
      const first = await callsAnswered(stage, await blogToken(stage), 10);
      stage.letPass(DAY);
      const next = await callsAnswered(stage, await blogToken(stage), 10);
      return {
        "first day: API calls answered": first.answered,
        "next day: API calls answered": next.answered,
        "next day: refused with": next.refusedWith,
      };
    },
  });
}

const QUOTA = "GW.QUOTA_LIMIT";

function asDocumented(stage: Stage): Step {
  return step({
    name: "off-form: as documented",
    shows: "This package cannot express an off-form request. The same two days:",
    expected: { "first day: API calls answered": 10, "next day: API calls answered": 10, "next day: refused with": "" },
    tokenRequests: { naver: 2 },
    async run() {
      const auth = stage.naver();
      const first = await callsAnswered(stage, (await auth.getToken()).value, 10);
      stage.letPass(DAY);
      const next = await callsAnswered(stage, (await auth.getToken()).value, 10);
      return {
        "first day: API calls answered": first.answered,
        "next day: API calls answered": next.answered,
        "next day: refused with": next.refusedWith,
      };
    },
  });
}

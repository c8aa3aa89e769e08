// What Naver is strict about: the time of a signature, and the form of a token request.

import { DAY, MINUTE } from "../story/stage.ts";
import { atLeast } from "../story/step.ts";
import type { GuidedChapter } from "./guided-chapter.ts";
import { mainProblem } from "./refusals.ts";
import { number, plural } from "./words.ts";

export const clockOff: GuidedChapter = {
  id: "clock-off",
  byHand: "naver",
  title: { en: "A clock ten minutes off", ko: "10분 어긋난 시계" },
  before: {
    en: "This machine's clock is ten minutes fast, and Naver accepts no signature from the future.",
    ko: "이 서버의 시계가 10분 빠른데, 네이버는 미래 시각의 서명을 받지 않습니다.",
  },
  expected: { hand: { calls: 100, failed: 100 }, ours: { calls: 100, failed: 0, requests: 2 } },
  async play(side) {
    side.open({ clock: side.stage.clockOffBy(10 * MINUTE) });
    side.stage.emulator.fault({ endpoint: "naver.token", kind: "delay", ms: 200 });
    await side.ask(100);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, ${number(hand.failed)} of ${number(hand.calls)} calls failed, and would until somebody corrects the clock. ` +
      `The package learned Naver's time from the first refusal and signed again: ${plural(ours.requests, "request")}, ${plural(ours.failed, "failed call")}.`,
    ko:
      `직접 짠 코드에서는 호출 ${number(hand.calls)}건 중 ${number(hand.failed)}건이 실패했고, 시계를 맞출 때까지 계속 실패합니다. ` +
      `패키지는 첫 거부 응답에서 네이버의 시각을 알아내 다시 서명했습니다. 발급 요청 ${number(ours.requests)}건, 실패 ${number(ours.failed)}건입니다.`,
  }),
};

/** As many as Naver's two calls a second let through in a moment. */
const CALLS_A_DAY = 4;

export const offForm: GuidedChapter = {
  id: "off-form",
  byHand: "naver",
  title: { en: "The off-form penalty, the next day", ko: "규격 외 요청, 다음 날의 제한" },
  before: {
    en: "A popular blog sends the token request's parameters in the query string: it works, until the next day.",
    ko: "널리 읽힌 블로그의 코드는 토큰 요청 값을 쿼리 문자열로 보냅니다. 그날은 잘 되지만 다음 날이 문제입니다.",
  },
  expected: {
    hand: { calls: 2 * CALLS_A_DAY, failed: CALLS_A_DAY - 1 },
    ours: { calls: 2 * CALLS_A_DAY, failed: 0, requests: atLeast(2) },
  },
  async play(side) {
    side.open();
    await side.callInTurn(CALLS_A_DAY);
    await side.letPass(DAY);
    await side.callInTurn(CALLS_A_DAY);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, ${number(hand.failed)} of the next day's ${CALLS_A_DAY} calls failed (${mainProblem(hand.problems)}): Naver allows the whole application one call an hour. ` +
      `The package sends the documented form only: ${plural(ours.failed, "failed call")}.`,
    ko:
      `직접 짠 코드에서는 다음 날 호출 ${CALLS_A_DAY}건 중 ${number(hand.failed)}건이 실패했습니다(${mainProblem(hand.problems)}). 네이버가 애플리케이션 전체를 한 시간에 1건으로 제한하기 때문입니다. ` +
      `패키지는 문서에 나온 형식으로만 요청하므로 실패가 ${number(ours.failed)}건입니다.`,
  }),
};

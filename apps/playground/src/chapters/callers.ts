// Many callers: the first token, its renewal, and a renewal that fails.

import { HOUR, MINUTE, SECOND } from "../story/stage.ts";
import { atLeast } from "../story/step.ts";
import type { GuidedChapter } from "./guided-chapter.ts";
import { pause, type Side } from "./side.ts";
import { duration, number } from "./words.ts";

const CALLERS = 1_000;

export const thousandCallers: GuidedChapter = {
  id: "thousand-callers",
  byHand: "toss",
  title: { en: "A thousand callers", ko: "동시 호출 1,000건" },
  before: {
    en: "A thousand callers need a token at the same moment, and there is none yet.",
    ko: "토큰이 아직 하나도 없는데, 호출 1,000건이 같은 순간에 토큰을 요청합니다.",
  },
  inTurn: true,
  expected: {
    hand: { calls: CALLERS, failed: 0, requests: CALLERS },
    ours: { calls: CALLERS, failed: 0, requests: 1 },
  },
  async play(side) {
    side.open();
    side.stage.emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 500 });
    await side.ask(CALLERS);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, every caller asked the provider: ${number(hand.requests)} token requests. ` +
      `The package sent ${number(ours.requests)}, because callers share one request that is under way (single flight).`,
    ko:
      `직접 짠 코드는 호출마다 토큰을 요청해 발급 요청이 ${number(hand.requests)}건 나갔습니다. ` +
      `패키지는 진행 중인 요청 하나를 모든 호출이 함께 기다리므로 ${number(ours.requests)}건만 보냈습니다.`,
  }),
};

/** Naver issues a new token when less than 30 minutes remain. Both sides want one in the last minute. */
const ALMOST_EXPIRED = 3 * HOUR - 50 * SECOND;

export const backgroundRenewal: GuidedChapter = {
  id: "background-renewal",
  byHand: "naver",
  title: { en: "A renewal that nobody waits for", ko: "아무도 기다리지 않는 갱신" },
  before: {
    en: "The token expires in 50 s, the provider needs 0.6 s for a new one, and callers keep coming.",
    ko: "토큰 만료까지 50초 남았고 새 토큰 발급에는 0.6초가 걸리는데, 호출은 계속 들어옵니다.",
  },
  expected: { hand: { failed: 0, requests: atLeast(10) }, ours: { failed: 0, requests: 2 } },
  async play(side) {
    side.open();
    await side.prepare();
    await pause(150);
    await side.letPass(ALMOST_EXPIRED);
    side.stage.emulator.fault({ endpoint: "naver.token", kind: "delay", ms: 600 });
    await side.askSteadily(3, 40, 30);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, callers waited up to ${duration(hand.longestWaitMs).en} and sent ${number(hand.requests)} token requests. ` +
      `The package sent ${number(ours.requests)}, the first and one renewal: it renews in the background, and callers get the old token meanwhile.`,
    ko:
      `직접 짠 코드에서는 호출이 최대 ${duration(hand.longestWaitMs).ko} 기다렸고 발급 요청이 ${number(hand.requests)}건 나갔습니다. ` +
      `패키지는 첫 발급과 갱신을 합쳐 ${number(ours.requests)}건만 보냈습니다. 백그라운드에서 갱신하는 동안 기존 토큰을 그대로 내주기 때문입니다.`,
  }),
};

export const failedRenewal: GuidedChapter = {
  id: "failed-renewal",
  byHand: "iamport",
  title: { en: "The renewal that fails", ko: "실패하는 갱신" },
  before: {
    en: "The token is due for renewal, and for a second iamport's token endpoint answers 500.",
    ko: "토큰을 갱신할 때가 됐는데 아임포트의 토큰 발급이 1초 동안 500 오류를 냅니다.",
  },
  expected: { hand: { failed: atLeast(1) }, ours: { failed: 0 } },
  async play(side) {
    side.open();
    await side.prepare();
    await pause(150);
    // Within the minute in which the hand-written lines renew, and in which the package certainly does.
    await side.letPass(30 * MINUTE - 15 * SECOND);
    await outage(side, 1_000);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, ${number(hand.failed)} of ${number(hand.calls)} calls failed, although the old token was still valid. ` +
      `The package handed the old token out until a renewal succeeded: ${number(ours.failed)} failed calls.`,
    ko:
      `직접 짠 코드에서는 기존 토큰이 아직 유효한데도 호출 ${number(hand.calls)}건 중 ${number(hand.failed)}건이 실패했습니다. ` +
      `패키지는 갱신에 성공할 때까지 기존 토큰을 내주어 실패한 호출이 ${number(ours.failed)}건입니다.`,
  }),
};

async function outage(side: Side, ms: number): Promise<void> {
  const end = side.stage.emulator.fault({ endpoint: "iamport.token", kind: "status", status: 500 });
  side.mark({ en: "500 from here", ko: "여기부터 500" });
  const asked = side.askSteadily(3, 50, 30);
  await pause(ms);
  end();
  side.mark({ en: "works again", ko: "복구" });
  await asked;
}

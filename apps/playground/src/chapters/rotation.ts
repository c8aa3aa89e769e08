// The operator gives the application a new secret while it runs.

import { HOUR } from "../story/stage.ts";
import { atLeast, atMost } from "../story/step.ts";
import type { GuidedChapter } from "./guided-chapter.ts";
import { number, plural } from "./words.ts";

export const rotatedSecret: GuidedChapter = {
  id: "rotated-secret",
  byHand: "toss",
  title: { en: "A secret rotated", ko: "시크릿 교체" },
  before: {
    en: "An operator rotates Toss's secret, in the secret manager too; the old token expires later, and callers keep coming.",
    ko: "운영자가 토스쇼핑 시크릿을 교체해 시크릿 관리자에도 저장합니다. 기존 토큰은 나중에 만료되고 호출은 계속 들어옵니다.",
  },
  expected: { hand: { failed: atLeast(1) }, ours: { failed: 0, requests: atMost(3) } },
  async play(side) {
    side.open({ secretManager: true });
    await side.prepare();
    await side.askSteadily(3, 8, 30);
    side.stage.secrets.add("Toss Shopping secret key", side.stage.emulator.rotateSecret("toss"));
    side.mark({ en: "rotated", ko: "교체" });
    await side.askSteadily(3, 8, 30);
    await side.letPass(2 * HOUR);
    await side.askSteadily(3, 16, 30);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, ${number(hand.failed)} of ${number(hand.calls)} calls failed after the old token expired, and would until a restart. ` +
      `The package fetched the new secret by itself: ${plural(ours.requests, "token request")}, ${plural(ours.failed, "failed call")}.`,
    ko:
      `직접 짠 코드에서는 기존 토큰이 만료된 뒤 호출 ${number(hand.calls)}건 중 ${number(hand.failed)}건이 실패했고, 다시 시작할 때까지 계속 실패합니다. ` +
      `패키지는 새 시크릿을 스스로 가져왔습니다. 발급 요청 ${number(ours.requests)}건, 실패 ${number(ours.failed)}건입니다.`,
  }),
};

// The API refuses a token before its time.

import { MINUTE } from "../story/stage.ts";
import { atLeast, atMost } from "../story/step.ts";
import type { GuidedChapter } from "./guided-chapter.ts";
import { number } from "./words.ts";

const IN_FLIGHT = 50;

export const revokedInFlight: GuidedChapter = {
  id: "revoked-in-flight",
  byHand: "iamport",
  title: { en: "A revoked token, fifty calls in flight", ko: "폐기된 토큰, 진행 중인 호출 50건" },
  before: {
    en: "Fifty calls are under way when the provider revokes their token, and half of the refusals arrive late.",
    ko: "호출 50건이 진행 중일 때 토큰이 폐기되고, 거부 응답의 절반은 늦게 도착합니다.",
  },
  expected: {
    hand: { failed: IN_FLIGHT, requests: atLeast(3) },
    ours: { failed: 0, refusals: IN_FLIGHT, requests: 2 },
  },
  async play(side) {
    const { emulator } = side.stage;
    side.open();
    await side.call(1);
    await side.letPass(MINUTE);
    emulator.fault({ endpoint: "iamport.api", kind: "delay", ms: 150, times: IN_FLIGHT / 2 });
    emulator.fault({ endpoint: "iamport.api", kind: "delay", ms: 300, times: IN_FLIGHT / 2 });
    const end = emulator.fault({ endpoint: "iamport.token", kind: "delay", ms: 200 });
    emulator.revoke("iamport");
    side.mark({ en: "revoked", ko: "폐기" });
    await side.call(IN_FLIGHT);
    await side.call(10);
    end();
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, ${number(hand.failed)} calls failed, and ${number(hand.requests - 1)} token requests replaced one token. ` +
      `The package was refused ${number(ours.refusals)} times too, renewed with ${number(ours.requests - 1)} request and sent the calls again: ${number(ours.failed)} failed.`,
    ko:
      `직접 짠 코드에서는 호출 ${number(hand.failed)}건이 실패했고, 토큰 하나를 바꾸는 데 발급 요청이 ${number(hand.requests - 1)}건 나갔습니다. ` +
      `패키지도 ${number(ours.refusals)}건을 거부당했지만 발급 요청 ${number(ours.requests - 1)}건으로 갱신하고 다시 보내 실패가 ${number(ours.failed)}건입니다.`,
  }),
};

export const sameToken: GuidedChapter = {
  id: "same-token",
  byHand: "naver",
  title: { en: "Naver sends the same token again", ko: "네이버가 같은 토큰을 다시 줄 때" },
  before: {
    en: "The API refuses the token, and Naver issues the same one again, as it does where a permission is missing.",
    ko: "API가 토큰을 거부하는데, 권한이 없을 때처럼 네이버가 같은 토큰을 다시 발급합니다.",
  },
  expected: { hand: { failed: 20, requests: atLeast(15) }, ours: { failed: 20, requests: atMost(3) } },
  async play(side) {
    side.open();
    await side.call(1);
    await side.letPass(MINUTE);
    side.stage.emulator.revoke("naver", undefined, { reissue: "same-token" });
    side.mark({ en: "refused from here", ko: "여기부터 거부" });
    await side.callInTurn(20);
  },
  after: ({ hand, ours }) => ({
    en:
      `No client can save these calls. By hand, each one asked for a token again: ${number(hand.requests)} token requests. ` +
      `The package saw that the token was the same, stopped after ${number(ours.requests)}, and names the cause: ${mainProblem(ours.problems)}.`,
    ko:
      `이 호출은 어떤 클라이언트로도 성공할 수 없습니다. 직접 짠 코드는 실패할 때마다 다시 요청해 발급 요청이 ${number(hand.requests)}건 나갔습니다. ` +
      `패키지는 같은 토큰임을 확인하고 ${number(ours.requests)}건에서 멈춘 뒤 원인을 ${mainProblem(ours.problems)} 오류로 알려 줍니다.`,
  }),
};

/** Why most of the failed calls failed. */
export function mainProblem(problems: Readonly<Record<string, number>>): string {
  const [first] = Object.entries(problems).sort(([, a], [, b]) => b - a);
  return first?.[0] ?? "";
}

import type { Provider } from "@x/commerce-auth-emulator";
import type { Language } from "../chapters/words.ts";

interface ReportWords {
  readonly title: string;
  readonly opening: string;
  readonly expected: string;
  readonly seen: string;
  readonly requests: string;
  held(steps: number): string;
  failed(failed: number, steps: number): string;
  totals(calls: string, requests: string, by: Readonly<Record<Provider, number>>): string;
  readonly start: string;
  readonly json: string;
}

/** What the report says around the steps. */
export const REPORT_WORDS: Readonly<Record<Language, ReportWords>> = {
  en: {
    title: "Three commerce providers, one shared token each",
    opening:
      "Below, real packages talk to an emulator of the providers over real sockets. Hours pass in a moment, since " +
      "clients and emulator share a clock that can be moved. Every number is counted as it happens.",
    expected: "expected",
    seen: "seen",
    requests: "requests: Toss · Naver · iamport",
    held: (steps) => `All ${steps} steps held`,
    failed: (failed, steps) => `${failed} of ${steps} steps did not hold`,
    totals: (calls, requests, { toss, naver, iamport }) =>
      `${calls} calls of getToken; ${requests} requests reached the token endpoints ` +
      `(Toss ${toss}, Naver ${naver}, iamport ${iamport}), faults included.`,
    start: "play with it yourself, in a browser",
    json: "the same story for a program to read",
  },
  ko: {
    title: "커머스 API 세 곳, 토큰은 하나씩 함께",
    opening:
      "실제 패키지가 실제 소켓으로 세 곳의 에뮬레이터와 통신합니다. 클라이언트와 에뮬레이터가 같은 가상 시계를 쓰므로 " +
      "몇 시간이 순식간에 지나갑니다. 모든 숫자는 실행하면서 센 값입니다.",
    expected: "기대",
    seen: "결과",
    requests: "발급 요청: 토스·네이버·아임포트",
    held: (steps) => `${steps}단계 모두 기대대로입니다`,
    failed: (failed, steps) => `${steps}단계 중 ${failed}단계가 기대와 다릅니다`,
    totals: (calls, requests, { toss, naver, iamport }) =>
      `getToken 호출 ${calls}건에 발급 요청은 ${requests}건입니다` +
      ` (토스쇼핑 ${toss}, 네이버 ${naver}, 아임포트 ${iamport}, 장애를 일으킨 요청 포함).`,
    start: "브라우저에서 직접 해 보기",
    json: "프로그램이 읽을 JSON으로 출력",
  },
};

/** The facts of the steps in Korean; a value that is a word stays as it is. */
const KOREAN_FACTS: Readonly<Record<string, string>> = {
  "by hand: calls": "직접 짠 코드: 호출",
  "by hand: failed calls": "직접 짠 코드: 실패한 호출",
  "by hand: token requests": "직접 짠 코드: 발급 요청",
  "by hand: refused tokens": "직접 짠 코드: 거부된 토큰",
  "package: calls": "패키지: 호출",
  "package: failed calls": "패키지: 실패한 호출",
  "package: token requests": "패키지: 발급 요청",
  "package: refused tokens": "패키지: 거부된 토큰",
  "callers with a token": "토큰을 받은 호출",
  "different tokens": "서로 다른 토큰",
  "calls answered from memory": "메모리에서 응답한 호출",
  "calls answered": "응답한 호출",
  "calls that saw an error": "오류를 받은 호출",
  "renewals that failed": "실패한 갱신",
  "callers who waited for it": "갱신을 기다린 호출",
  "the token afterwards": "갱신 뒤의 토큰",
  "its expiry moved by": "늦춰진 만료",
  "API answers the old token": "기존 토큰에 대한 API 응답",
  "API answers the new token": "새 토큰에 대한 API 응답",
  "expired tokens handed out": "내준 만료 토큰",
  "API answers the revoked token": "폐기된 토큰에 대한 API 응답",
  "different new tokens": "서로 다른 새 토큰",
  "Toss: categories at the top": "토스쇼핑: 최상위 카테고리",
  "iamport: the payment is": "아임포트: 결제 상태",
  "Naver, SELF: the account is": "네이버 SELF: 계정",
  "Naver, SELLER: the account is": "네이버 SELLER: 계정",
  "calls that the APIs refused": "API가 거부한 호출",
  "calls answered with 200": "200으로 응답한 호출",
  "the calls end with": "호출 결과",
  "requests that arrived there": "그 서버에 도착한 요청",
  "a plain fetch: tokens arrived": "일반 fetch: 도착한 토큰",
  "calls that failed": "실패한 호출",
  "error at Toss": "토스쇼핑 오류",
  "error at Naver": "네이버 오류",
  "error at iamport": "아임포트 오류",
  "server's clock, as learnt": "알아낸 서버 시각 차이",
  "machines with a token": "토큰을 받은 서버",
  "with the same token as before": "전과 같은 토큰을 받은 호출",
  "tokens to be read in this file": "이 파일에서 읽히는 토큰",
  "in the file above, not encrypted": "암호화하지 않은 위 파일에서",
  "secrets and signatures in play": "사용한 시크릿과 서명",
  "tokens in play": "사용한 토큰",
  "kinds of secrets found": "발견된 비밀 값의 종류",
  "a planted leak is found": "일부러 심은 유출 발견",
};

/** A fact's name in Korean. @throws if there is none, so that a test sees it */
export function koreanFact(fact: string): string {
  const korean = KOREAN_FACTS[fact];
  if (korean === undefined) throw new Error(`The fact "${fact}" has no Korean name.`);
  return korean;
}

import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { codeIn, expiresIn, field } from "../answers/answer-fields.ts";
import { known, noToken, open, PAUSE_MS, propagationOf, refusal } from "../probe/probe-answers.ts";
import { madeUp, type Prober } from "../probe/prober.ts";
import type { ProbeAnswer } from "../probe/questions.ts";
import { commonOptions, type ProviderProfile } from "./profile.ts";

const PARTNERS = {
  ko: "토스쇼핑 파트너스 > 사이드바 상단 '상점 이름' > 가맹점·계정 관리 > 페이지 하단 '자체 개발'",
  en: "Toss Shopping partners > the shop's name in the side bar > 가맹점·계정 관리 > 자체 개발, at the page's end",
};

const MAIL = { ko: "toss-shopping-partners-connect@toss.im", en: "toss-shopping-partners-connect@toss.im" };

/** Toss Shopping. */
export const toss: ProviderProfile = {
  name: "toss",
  title: { ko: "토스쇼핑", en: "Toss Shopping" },
  fields: [
    {
      name: "accessKey",
      variable: "TOSS_SHOPPING_ACCESS_KEY",
      label: { ko: "Access Key", en: "Access Key" },
      isSecret: false,
    },
    {
      name: "secretKey",
      variable: "TOSS_SHOPPING_SECRET_KEY",
      label: { ko: "Secret Key", en: "Secret Key" },
      isSecret: true,
    },
    {
      name: "solutionCode",
      variable: "TOSS_SHOPPING_SOLUTION_CODE",
      label: { ko: "통합솔루션 code", en: "Solution code" },
      isSecret: false,
      isOptional: true,
    },
  ],
  target: {
    tokenUrl: "https://oauth2.cert.toss.im/token",
    apiBaseUrl: "https://shopping-fep.toss.im/api/v3/shopping-fep",
  },
  testTarget: {
    tokenUrl: "https://oauth2-alpha.cert.toss.im/token",
    apiBaseUrl: "https://shopping-fep-alpha.toss.im/api/v3/shopping-fep",
  },
  consolePages: { keys: PARTNERS, addresses: MAIL, permissions: MAIL, sellers: PARTNERS, support: MAIL },
  createAuth(init) {
    const { accessKey, secretKey, solutionCode } = init.credentials;
    return createTossShoppingAuth({ ...commonOptions(init), accessKey, secretKey, solutionCode });
  },
  headers: () => ({}),
  reads: (credentials) => [
    {
      group: { ko: "상품 카테고리", en: "product categories" },
      path: `${solutionPath(credentials["solutionCode"])}/products/categories/children`,
    },
  ],
  readVerdict({ status, body }, code) {
    if (code === "TOO_MANY_REQUEST") return "api.rate_limited";
    if (/SOLUTION/.test(code)) return "api.solution_code";
    if (status === 401) return "api.refused";
    return status === 200 && field(body, "resultType") !== "SUCCESS" ? "api.failed" : undefined;
  },
  lifetimes: [
    { seconds: 3_600, verdict: "token.hour" },
    { seconds: 31_536_000, verdict: "token.year" },
  ],
  returnsEarlierToken: false,
  lifetimeIn: expiresIn,
  refusalVerdict: (body) => (codeIn(body) === "invalid_scope" ? "token.wrong_scope" : undefined),
  documentedLimits: { ko: "조회 초당 50회, 변경 초당 30회", en: "50 reads and 30 writes a second" },
  probe,
  neverAsked: {
    ko: "토큰 요청 한도와, TOO_MANY_REQUEST로 답한 호출의 처리 여부는 많은 요청이 필요해 확인하지 않습니다.",
    en: "Not asked, since it takes many requests: the limit of token requests, and whether a call answered with TOO_MANY_REQUEST was processed.",
  },
};

/** Sellers who develop for their own shop call without a code. */
function solutionPath(code: string | undefined): string {
  return code === undefined ? "" : `/${encodeURIComponent(code)}`;
}

async function probe(prober: Prober): Promise<readonly ProbeAnswer[]> {
  const wrong = await prober.requestToken({ credentials: { accessKey: madeUp(), secretKey: madeUp() } });
  const status = refusal("toss.invalidClientStatus", wrong);
  const first = await prober.requestToken();
  if (first.token === undefined)
    return [status, ...noToken("toss.lifetime", "toss.reissue", "toss.previousToken", "propagation")];
  const propagation = await propagationOf(prober, first.token);
  const second = await prober.requestToken();
  const isSame = second.token === first.token;
  return [
    status,
    known("toss.lifetime", expiresIn(first.last?.body)),
    known("toss.reissue", second.token === undefined ? undefined : isSame ? "same-token" : "new-token"),
    isSame ? open("toss.previousToken", "no_occasion") : await previousToken(prober, first.token),
    propagation,
  ];
}

async function previousToken(prober: Prober, earlier: string): Promise<ProbeAnswer> {
  await prober.wait(PAUSE_MS);
  const answer = await prober.read(earlier);
  return known("toss.previousToken", answer?.status === 401 ? "dies" : answer?.status === 200 ? "lives" : undefined);
}

import { createNaverCommerceAuth, naverRateLimit } from "@x/naver-commerce-auth";
import { codeIn, expiresIn, parameterIn } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { Text } from "../language.ts";
import { known, noToken, open, PAUSE_MS, propagationOf, refusal, statusOf } from "../probe/probe-answers.ts";
import { clockBehind, madeUp, type Prober } from "../probe/prober.ts";
import type { ProbeAnswer } from "../probe/questions.ts";
import { clientSecretForm } from "./naver-secret.ts";
import { type ApiRead, commonOptions, type ProviderProfile } from "./profile.ts";

const CENTER = {
  ko: "커머스API센터(apicenter.commerce.naver.com) > 애플리케이션 관리 > 애플리케이션",
  en: "Commerce API center (apicenter.commerce.naver.com) > Applications > the application",
};

const READS: readonly ApiRead[] = [
  { group: { ko: "판매자 정보", en: "seller information (판매자 정보)" }, path: "/v1/seller/account" },
  // These leave a required parameter out: Naver then answers 400 to those who may call, and reads nothing.
  { group: { ko: "상품", en: "products (상품)" }, path: "/v1/product-attributes/attributes" },
  {
    group: { ko: "주문 판매자", en: "orders (주문 판매자)" },
    path: "/v1/pay-order/seller/product-orders/last-changed-statuses",
  },
  { group: { ko: "문의", en: "inquiries (문의)" }, path: "/v1/pay-user/inquiries" },
  { group: { ko: "정산", en: "settlements (정산)" }, path: "/v1/pay-settle/settle/daily" },
];

const LIFETIME_SECONDS = 10_800;

/** The Naver Commerce API. The groups are those of the Commerce API center. */
export const naver: ProviderProfile = {
  name: "naver",
  title: { ko: "네이버 커머스API", en: "Naver Commerce API" },
  fields: [
    {
      name: "clientId",
      variable: "NAVER_COMMERCE_CLIENT_ID",
      label: { ko: "애플리케이션 ID", en: "Application id" },
      isSecret: false,
      form: (value, values) => (value.startsWith("$2") ? finding("secret.swapped", values) : undefined),
    },
    {
      name: "clientSecret",
      variable: "NAVER_COMMERCE_CLIENT_SECRET",
      label: { ko: "애플리케이션 시크릿", en: "Application secret" },
      isSecret: true,
      form: clientSecretForm,
    },
    {
      name: "accountId",
      variable: "NAVER_COMMERCE_ACCOUNT_ID",
      label: { ko: "판매자 ID (SELLER 토큰)", en: "Seller id (SELLER tokens)" },
      isSecret: false,
      isOptional: true,
    },
  ],
  target: {
    tokenUrl: "https://api.commerce.naver.com/external/v1/oauth2/token",
    apiBaseUrl: "https://api.commerce.naver.com/external",
  },
  consolePages: {
    keys: { ko: `${CENTER.ko} > 애플리케이션 ID·시크릿`, en: `${CENTER.en} > id and secret (애플리케이션 ID, 시크릿)` },
    addresses: { ko: `${CENTER.ko} > API 호출 IP`, en: `${CENTER.en} > allowed IPs (API 호출 IP)` },
    permissions: { ko: `${CENTER.ko} > API 그룹`, en: `${CENTER.en} > API groups (API 그룹)` },
    sellers: { ko: `${CENTER.ko} > 사용 동의한 판매자`, en: `${CENTER.en} > sellers who gave consent` },
    support: {
      ko: "https://github.com/commerce-api-naver/commerce-api/discussions",
      en: "https://github.com/commerce-api-naver/commerce-api/discussions",
    },
  },
  createAuth(init) {
    const { clientId, clientSecret, accountId } = init.credentials;
    const application = { ...commonOptions(init), clientId, clientSecret };
    return accountId === undefined
      ? createNaverCommerceAuth(application)
      : createNaverCommerceAuth({ ...application, type: "SELLER", accountId });
  },
  headers: () => ({}),
  reads: () => READS,
  readVerdict({ status }, code) {
    if (code === "GW.IP_NOT_ALLOWED") return "api.address";
    if (isNotGranted(status, code)) return "api.not_granted";
    if (code === "GW.QUOTA_LIMIT") return "limits.quota_used";
    return status === 400 ? "api.parameter_missing" : undefined;
  },
  lifetimes: [{ seconds: LIFETIME_SECONDS, verdict: "token.new" }],
  returnsEarlierToken: true,
  lifetimeIn: expiresIn,
  refusalVerdict(body, errorCode) {
    const [code, parameter] = [codeIn(body), parameterIn(body)];
    if (code === "GW.BLOCK.02") return "token.maintenance";
    if (code === "GW.AUTHN") return "token.bad_credentials";
    if (parameter === "account_id") return "token.unknown_account";
    if (parameter === "type") return "token.wrong_type";
    return errorCode === "invalid_credentials" && parameter !== undefined ? "token.bad_signature" : undefined;
  },
  documentedLimits: { ko: "API마다 초당 2회", en: "2 calls a second per API" },
  limitFindings: (answers) => [...quotaFindings(answers), ...rateFindings(answers)],
  isQuotaUsedUp: ({ headers }) => naverRateLimit(headers).quotaRemaining === 0,
  probe,
  neverAsked: {
    ko: "형식이 틀린 요청의 제재와 한도의 세는 단위는 확인하지 않습니다.",
    en: "Not asked: the penalty for requests of a wrong form, and what the limits count by.",
  },
};

/** Both statuses were seen for an API group that was not granted; the documents say GW.AUTHZ. */
function isNotGranted(status: number | undefined, code: string | undefined): boolean {
  return status === 401 || code === "GW.AUTHN" || code === "GW.AUTHZ";
}

const PERIODS: Readonly<Record<string, Text>> = {
  SECONDS: { ko: "1초에", en: "second" },
  MINUTES: { ko: "1분에", en: "minute" },
  HOURS: { ko: "1시간에", en: "hour" },
  DAYS: { ko: "하루에", en: "day" },
};

function quotaFindings(answers: readonly Answer[]): Finding[] {
  const limits = answers.map(({ headers }) => naverRateLimit(headers));
  const quota = limits.findLast(({ quotaLimit }) => quotaLimit !== undefined);
  if (quota === undefined) return [];
  const { quotaPeriod, quotaLimit = 0, quotaRemaining = 0 } = quota;
  const values = { limit: quotaLimit, remaining: quotaRemaining, period: PERIODS[quotaPeriod ?? ""] ?? quotaPeriod };
  if (quotaPeriod === "HOURS" && quotaLimit === 1) return [finding("limits.penalty", values)];
  return [finding(quotaRemaining === 0 ? "limits.quota_used" : "limits.quota", values)];
}

/** The usual rate of an application of one's own store. A lower one announces the penalty. */
const USUAL_PER_SECOND = 2;

function rateFindings(answers: readonly Answer[]): Finding[] {
  const limits = answers.map(({ headers }) => naverRateLimit(headers));
  const rate = limits.find(({ replenishRate }) => replenishRate !== undefined);
  if (rate === undefined) return [];
  const { replenishRate = 0, remaining = "?" } = rate;
  const verdict = replenishRate < USUAL_PER_SECOND ? "limits.herald" : "limits.rate";
  return [finding(verdict, { perSecond: replenishRate, remaining })];
}

/** Twice as old as Naver accepts. */
const OLD_MS = 10 * 60_000;

async function probe(prober: Prober): Promise<readonly ProbeAnswer[]> {
  const wrong = await prober.requestToken({
    credentials: { clientId: madeUp(), clientSecret: `$2a$04$${"probe".repeat(4)}..` },
  });
  const old = await prober.requestToken({ clock: clockBehind(OLD_MS) });
  const clockStatus = old.first?.status === 200 ? undefined : statusOf(old.first);
  const first = await prober.requestToken();
  const refusals = [refusal("naver.signatureRefusalStatus", wrong), known("naver.clockRefusalStatus", clockStatus)];
  if (first.token === undefined) {
    return [
      ...refusals,
      ...noToken("naver.expiresInOnReturn", "naver.missingPermission", "naver.tokenRateHeaders", "propagation"),
    ];
  }
  const isNew = old.token === undefined && isWhole(first.last);
  const propagation = isNew ? await propagationOf(prober, first.token) : open("propagation", "no_occasion");
  await prober.wait(PAUSE_MS);
  const again = await prober.requestToken();
  const isReturned = again.token === first.token;
  return [
    ...refusals,
    known("naver.expiresInOnReturn", isReturned ? (isWhole(again.last) ? "full" : "remaining") : undefined),
    await missingPermission(prober, first.token),
    known("naver.tokenRateHeaders", first.last?.headers.has("gncp-gw-ratelimit-remaining") === true),
    propagation,
  ];
}

function isWhole(answer: Answer | undefined): boolean {
  return expiresIn(answer?.body) === LIFETIME_SECONDS;
}

/** The first group that was not granted. */
async function missingPermission(prober: Prober, token: string): Promise<ProbeAnswer> {
  for (const { path } of READS) {
    const answer = await prober.read(token, path);
    const code = codeIn(answer?.body);
    if (isNotGranted(answer?.status, code)) {
      return known("naver.missingPermission", `${answer?.status} ${code ?? ""}`.trim());
    }
  }
  return open("naver.missingPermission", "no_occasion");
}

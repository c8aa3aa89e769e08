import { naverRateLimit } from "@x/naver-commerce-auth";
import { field } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import type { VerdictId } from "../findings/verdicts/verdicts.ts";
import type { Language, Text } from "../language.ts";
import type { ApiRead, ProviderName, Target } from "../providers/profile.ts";
import { codeIn } from "./token-answer.ts";

/** What the answer to one harmless read means. */
export function readFinding(
  provider: ProviderName,
  { group, path }: ApiRead,
  answer: Answer,
  { apiBaseUrl }: Target,
): Finding {
  const { status, failure, body } = answer;
  const { origin, pathname, hostname: host } = new URL(apiBaseUrl + path);
  const url = origin + pathname;
  const values: Values = { group, status, code: failure ?? codeIn(body) ?? "", url, host };
  if (failure !== undefined) return finding("api.no_answer", values);
  return finding(meaning[provider](answer, String(values["code"])), values);
}

type Meaning = (answer: Answer, code: string) => VerdictId;

const naverMeaning: Meaning = ({ status }, code) => {
  if (code === "GW.IP_NOT_ALLOWED") return "api.address";
  // Both statuses were seen for an API group that was not granted; the documents say GW.AUTHZ.
  if (status === 401 || code === "GW.AUTHN" || code === "GW.AUTHZ") return "api.not_granted";
  if (code === "GW.QUOTA_LIMIT") return "limits.quota_used";
  if (status === 400) return "api.parameter_missing";
  return shared(status);
};

const tossMeaning: Meaning = ({ status, body }, code) => {
  if (code === "TOO_MANY_REQUEST") return "api.rate_limited";
  if (/SOLUTION/.test(code)) return "api.solution_code";
  if (status === 401) return "api.refused";
  if (status === 200) return field(body, "resultType") === "SUCCESS" ? "api.granted" : "api.failed";
  return shared(status);
};

const iamportMeaning: Meaning = ({ status, body }) => {
  if (status === 401) return "api.refused";
  if (status === 403) return "api.tier";
  // "존재하지 않는 결제정보입니다.": the token was read, and the payment is not there.
  if (status === 404 && String(field(body, "message")).includes("결제")) return "api.no_payment";
  if (status === 200 && field(body, "code") !== 0) return "api.failed";
  return shared(status);
};

const meaning: Readonly<Record<ProviderName, Meaning>> = {
  naver: naverMeaning,
  toss: tossMeaning,
  iamport: iamportMeaning,
};

function shared(status: number): VerdictId {
  if (status >= 200 && status < 300) return "api.granted";
  if (status === 429) return "api.rate_limited";
  if (status === 404) return "api.not_found";
  return status >= 500 ? "api.unavailable" : "api.failed";
}

/** One line for the groups that answered alike. If the API refuses every read, the reason is not a missing group. */
export function joinedReads(findings: readonly Finding[]): readonly Finding[] {
  const [first] = findings;
  const isRefused = ({ verdict, values }: Finding) => verdict === "api.not_granted" && values["status"] === 401;
  if (first !== undefined && findings.every(isRefused)) return [finding("api.refused", first.values)];
  // A quota that is used up answers every read alike, and is a finding of its own.
  const shown = findings.filter(({ verdict }) => verdict !== "limits.quota_used");
  const byAnswer = Map.groupBy(shown, ({ verdict, values }) => `${verdict} ${values["status"]} ${values["code"]}`);
  return [...byAnswer.values()].map(joined);
}

function joined(findings: readonly Finding[]): Finding {
  const [first = finding("api.granted")] = findings;
  const groups = findings.map(({ values }) => values["group"] as Text);
  const list = (language: Language) => groups.map((group) => group[language]).join(", ");
  return { ...first, values: { ...first.values, group: { ko: list("ko"), en: list("en") } } };
}

/** The usual rate of an application of one's own store. */
const USUAL_PER_SECOND = 2;

const DOCUMENTED: Readonly<Record<ProviderName, Text>> = {
  naver: { ko: "API마다 초당 2회", en: "2 calls a second per API" },
  toss: { ko: "조회 초당 50회, 변경 초당 30회", en: "50 reads and 30 writes a second" },
  iamport: { ko: "없음", en: "none" },
};

const PERIODS: Readonly<Record<string, Text>> = {
  SECONDS: { ko: "1초에", en: "second" },
  MINUTES: { ko: "1분에", en: "minute" },
  HOURS: { ko: "1시간에", en: "hour" },
  DAYS: { ko: "하루에", en: "day" },
};

/** Whether an answer says that all further calls of this period are refused. */
export function isQuotaUsedUp({ headers }: Answer): boolean {
  return naverRateLimit(headers).quotaRemaining === 0;
}

/** What the headers of the answers tell of rate, quota and penalty. */
export function limitFindings(provider: ProviderName, answers: readonly Answer[]): readonly Finding[] {
  if (answers.every(({ status }) => status === 0)) return [];
  const limits = answers.map(({ headers }) => naverRateLimit(headers));
  const rate = limits.find(({ replenishRate }) => replenishRate !== undefined);
  const quota = limits.findLast(({ quotaLimit }) => quotaLimit !== undefined);
  if (rate === undefined && quota === undefined) return [finding("limits.none", { documented: DOCUMENTED[provider] })];
  const findings: Finding[] = [];
  if (quota !== undefined) {
    const { quotaPeriod, quotaLimit = 0, quotaRemaining = 0 } = quota;
    const values = { limit: quotaLimit, remaining: quotaRemaining, period: PERIODS[quotaPeriod ?? ""] ?? quotaPeriod };
    const isPenalty = quotaPeriod === "HOURS" && quotaLimit === 1;
    const verdict = isPenalty ? "limits.penalty" : quotaRemaining === 0 ? "limits.quota_used" : "limits.quota";
    findings.push(finding(verdict, values));
  }
  if (rate !== undefined) {
    const { replenishRate = 0, remaining } = rate;
    const isHerald = replenishRate < USUAL_PER_SECOND;
    findings.push(
      finding(isHerald ? "limits.herald" : "limits.rate", { perSecond: replenishRate, remaining: remaining ?? "?" }),
    );
  }
  return findings;
}

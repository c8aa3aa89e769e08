import { createIamportAuth } from "@x/iamport-auth";
import { field } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import type { Values } from "../fill-words.ts";
import { type Finding, finding } from "../findings/finding.ts";
import { known, noToken, open, propagationOf } from "../probe/probe-answers.ts";
import { madeUp, type Prober } from "../probe/prober.ts";
import type { ProbeAnswer } from "../probe/questions.ts";
import { commonOptions, type ProviderProfile } from "./profile.ts";

const CONSOLE = {
  ko: "포트원 관리자 콘솔(admin.portone.io) > 연동 정보 > 식별코드·API Keys > V1 API",
  en: "PortOne admin console (admin.portone.io) > 연동 정보 > 식별코드·API Keys > V1 API",
};

const HELP = { ko: "https://help.portone.io", en: "https://help.portone.io" };

/** The payment of the documents' example. A shop does not have it, so nothing of a customer is read. */
const DOCUMENTED_PAYMENT = "/payments/imp_448280090638";

const LIFETIME_SECONDS = 1_800;

/** iamport (PortOne V1). */
export const iamport: ProviderProfile = {
  name: "iamport",
  title: { ko: "아임포트(포트원 V1)", en: "iamport (PortOne V1)" },
  fields: [
    {
      name: "impKey",
      variable: "IAMPORT_IMP_KEY",
      label: { ko: "REST API Key", en: "REST API key" },
      isSecret: false,
      form: keyForm,
    },
    {
      name: "impSecret",
      variable: "IAMPORT_IMP_SECRET",
      label: { ko: "REST API Secret", en: "REST API secret" },
      isSecret: true,
    },
    {
      name: "tier",
      variable: "IAMPORT_TIER",
      label: { ko: "하위 상점 Tier 코드", en: "Tier code" },
      isSecret: false,
      isOptional: true,
    },
  ],
  target: { tokenUrl: "https://api.iamport.kr/users/getToken", apiBaseUrl: "https://api.iamport.kr" },
  consolePages: { keys: CONSOLE, addresses: HELP, permissions: CONSOLE, sellers: CONSOLE, support: HELP },
  createAuth(init) {
    const { impKey, impSecret, tier } = init.credentials;
    return createIamportAuth({ ...commonOptions(init), impKey, impSecret, tier });
  },
  headers(credentials) {
    const tier = credentials["tier"];
    return tier === undefined ? {} : { Tier: tier };
  },
  reads: () => [{ group: { ko: "결제 조회", en: "payments" }, path: DOCUMENTED_PAYMENT }],
  readVerdict({ status, body }) {
    if (status === 401) return "api.refused";
    if (status === 403) return "api.tier";
    // "존재하지 않는 결제정보입니다.": the token was read, and the payment is not there.
    if (status === 404 && String(field(body, "message")).includes("결제")) return "api.no_payment";
    return status === 200 && field(body, "code") !== 0 ? "api.failed" : undefined;
  },
  lifetimes: [{ seconds: LIFETIME_SECONDS, verdict: "token.new" }],
  returnsEarlierToken: true,
  lifetimeIn(body) {
    const [now, expiredAt] = timesIn(body);
    return Math.floor(expiredAt - now);
  },
  documentedLimits: { ko: "없음", en: "none" },
  probe,
  hasSlowQuestion: true,
  neverAsked: { ko: "호출 한도는 확인하지 않습니다.", en: "Not asked: rate limits." },
};

/** Other ids of PortOne that users take for the key. */
function keyForm(value: string, values: Values): Finding | undefined {
  if (/^(store|channel-key)-/.test(value)) return finding("secret.v2_identifier", values);
  return /^imp\d{6,12}$/.test(value) ? finding("secret.merchant_code", values) : undefined;
}

/** `now` and `expired_at`, epoch seconds. */
function timesIn(body: unknown): readonly [now: number, expiredAt: number] {
  const response = field(body, "response");
  return [Number(field(response, "now")), Number(field(response, "expired_at"))];
}

/** A token with less of its lifetime left was issued before. */
const NEW_WITHIN_SECONDS = 5;

async function probe(prober: Prober, isSlow: boolean): Promise<readonly ProbeAnswer[]> {
  const keys = { impKey: madeUp(), impSecret: madeUp() };
  const { last: refused } = await prober.requestToken({ credentials: keys });
  const text = JSON.stringify(refused?.body ?? "");
  const isEchoed = text.includes(keys.impKey) || text.includes(keys.impSecret);
  const echo = known("iamport.echoCredentials", refused?.body === undefined ? undefined : isEchoed);
  const { token, last } = await prober.requestToken();
  if (token === undefined || last === undefined) {
    return [echo, ...noToken("iamport.issuedStatus", "iamport.wholeSeconds", "iamport.extension", "propagation")];
  }
  const [now, expiredAt] = timesIn(last.body);
  const isNew = expiredAt - now > LIFETIME_SECONDS - NEW_WITHIN_SECONDS;
  return [
    echo,
    known("iamport.issuedStatus", last.status),
    known("iamport.wholeSeconds", Number.isInteger(now) && Number.isInteger(expiredAt)),
    isNew ? await propagationOf(prober, token) : open("propagation", "no_occasion"),
    isSlow ? await extension(prober, last) : open("iamport.extension", "needs_slow"),
  ];
}

/** How long before the end to ask: within the last minute, in which the expiry moves. */
const BEFORE_END_SECONDS = 20;

/** Asks in the last minute, and in the last minute of what that gave. */
async function extension(prober: Prober, issued: Answer): Promise<ProbeAnswer> {
  const first = await extended(prober, issued);
  if (first === undefined) return known("iamport.extension", "never");
  return known("iamport.extension", (await extended(prober, first)) === undefined ? "once" : "repeats");
}

async function extended(prober: Prober, issued: Answer): Promise<Answer | undefined> {
  const [now, expiredAt] = timesIn(issued.body);
  await prober.wait(Math.max(0, expiredAt - now - BEFORE_END_SECONDS) * 1_000);
  const { last } = await prober.requestToken();
  return last !== undefined && timesIn(last.body)[1] > expiredAt ? last : undefined;
}

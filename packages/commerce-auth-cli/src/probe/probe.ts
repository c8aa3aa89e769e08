import { field } from "../answers/answer-fields.ts";
import type { Answer } from "../answers/recorder.ts";
import { codeIn, secondsIn } from "../doctor/token-answer.ts";
import type { ProviderName } from "../providers/profile.ts";
import { clockBehind, madeUp, ProbeSession, type Requested, type Subject } from "./probe-session.ts";
import type { OPEN, ProbeAnswer, QuestionId } from "./questions.ts";

/** The answers of a probe, and what they cost. */
export interface ProbeResult {
  readonly answers: readonly ProbeAnswer[];
  readonly requests: number;
}

/** Asks one provider what its documents leave open. Every request is of the documented form. */
export async function probe(subject: Subject, isSlow: boolean): Promise<ProbeResult> {
  const session = new ProbeSession(subject);
  const answers = [
    ...(await PROBES[subject.profile.name](session, isSlow)),
    ...ofEveryAnswer(session.answers.filter(({ status }) => status > 0)),
  ];
  return { answers, requests: session.answers.length };
}

type Probe = (session: ProbeSession, isSlow: boolean) => Promise<readonly ProbeAnswer[]>;

const PROBES: Readonly<Record<ProviderName, Probe>> = { toss: probeToss, naver: probeNaver, iamport: probeIamport };

/** Long enough for a lifetime in whole seconds to change, and for the API's nodes to hear of a new token. */
const PAUSE_MS = 3_000;

async function probeToss(session: ProbeSession): Promise<ProbeAnswer[]> {
  const wrong = await session.requestToken({ credentials: { accessKey: madeUp(), secretKey: madeUp() } });
  const status = refusal("toss.invalidClientStatus", wrong);
  const first = await session.requestToken();
  if (first.token === undefined)
    return [status, ...noToken("toss.lifetime", "toss.reissue", "toss.previousToken", "propagation")];
  const propagation = await propagationOf(session, first.token);
  const second = await session.requestToken();
  const isSame = second.token === first.token;
  return [
    status,
    known("toss.lifetime", seconds(first.last)),
    known("toss.reissue", second.token === undefined ? undefined : isSame ? "same-token" : "new-token"),
    isSame ? open("toss.previousToken", "no_occasion") : await previousToken(session, first.token),
    propagation,
  ];
}

async function previousToken(session: ProbeSession, earlier: string): Promise<ProbeAnswer> {
  await session.subject.wait(PAUSE_MS);
  const answer = await session.read(earlier);
  return known("toss.previousToken", answer?.status === 401 ? "dies" : answer?.status === 200 ? "lives" : undefined);
}

const NAVER_LIFETIME_SECONDS = 10_800;
/** Twice as old as Naver accepts. */
const OLD_MS = 10 * 60_000;

async function probeNaver(session: ProbeSession): Promise<ProbeAnswer[]> {
  const wrong = await session.requestToken({
    credentials: { clientId: madeUp(), clientSecret: `$2a$04$${"probe".repeat(4)}..` },
  });
  const old = await session.requestToken({ clock: clockBehind(OLD_MS) });
  const clockStatus = old.first?.status === 200 ? undefined : statusOf(old.first);
  const first = await session.requestToken();
  const questions = [refusal("naver.signatureRefusalStatus", wrong), known("naver.clockRefusalStatus", clockStatus)];
  if (first.token === undefined) {
    return [
      ...questions,
      ...noToken("naver.expiresInOnReturn", "naver.missingPermission", "naver.tokenRateHeaders", "propagation"),
    ];
  }
  const isNew = old.token === undefined && isWhole(first.last);
  const propagation = isNew ? await propagationOf(session, first.token) : open("propagation", "no_occasion");
  await session.subject.wait(PAUSE_MS);
  const again = await session.requestToken();
  const limits = first.last?.headers.has("gncp-gw-ratelimit-remaining") === true;
  return [
    ...questions,
    known(
      "naver.expiresInOnReturn",
      again.token !== first.token ? undefined : isWhole(again.last) ? "full" : "remaining",
    ),
    await missingPermission(session, first.token),
    known("naver.tokenRateHeaders", limits),
    propagation,
  ];
}

/** A token's lifetime, if the answer has one. */
function seconds(answer: Answer | undefined): number | undefined {
  const lifetime = secondsIn(answer?.body);
  return Number.isNaN(lifetime) ? undefined : lifetime;
}

function isWhole(answer: Answer | undefined): boolean {
  return secondsIn(answer?.body) === NAVER_LIFETIME_SECONDS;
}

/** The first group that was not granted. */
async function missingPermission(session: ProbeSession, token: string): Promise<ProbeAnswer> {
  const { profile, credentials } = session.subject;
  for (const { path } of profile.reads(credentials)) {
    const answer = await session.read(token, path);
    const code = codeIn(answer?.body);
    if (answer?.status === 401 || code === "GW.AUTHN" || code === "GW.AUTHZ") {
      return known("naver.missingPermission", `${answer?.status} ${code ?? ""}`.trim());
    }
  }
  return open("naver.missingPermission", "no_occasion");
}

async function probeIamport(session: ProbeSession, isSlow: boolean): Promise<ProbeAnswer[]> {
  const keys = { impKey: madeUp(), impSecret: madeUp() };
  const wrong = await session.requestToken({ credentials: keys });
  const text = JSON.stringify(wrong.last?.body ?? "");
  const echo = known(
    "iamport.echoCredentials",
    wrong.last?.body === undefined ? undefined : text.includes(keys.impKey) || text.includes(keys.impSecret),
  );
  const { token, last } = await session.requestToken();
  if (token === undefined || last === undefined) {
    return [echo, ...noToken("iamport.issuedStatus", "iamport.wholeSeconds", "iamport.extension", "propagation")];
  }
  const [now, expiredAt] = timesIn(last);
  const isNew = expiredAt - now > 1_795;
  return [
    echo,
    known("iamport.issuedStatus", last.status),
    known("iamport.wholeSeconds", Number.isInteger(now) && Number.isInteger(expiredAt)),
    isNew ? await propagationOf(session, token) : open("propagation", "no_occasion"),
    isSlow ? await extension(session, last) : open("iamport.extension", "needs_slow"),
  ];
}

/** `now` and `expired_at`, epoch seconds. */
function timesIn({ body }: Answer): readonly [now: number, expiredAt: number] {
  const response = field(body, "response");
  return [Number(field(response, "now")), Number(field(response, "expired_at"))];
}

/** How long before the end to ask: within the last minute, in which the expiry moves. */
const BEFORE_END_SECONDS = 20;

/** Asks in the last minute, and in the last minute of what that gave. */
async function extension(session: ProbeSession, issued: Answer): Promise<ProbeAnswer> {
  const first = await extended(session, issued);
  if (first === undefined) return known("iamport.extension", "never");
  return known("iamport.extension", (await extended(session, first)) === undefined ? "once" : "repeats");
}

async function extended(session: ProbeSession, issued: Answer): Promise<Answer | undefined> {
  const [now, expiredAt] = timesIn(issued);
  await session.subject.wait(Math.max(0, expiredAt - now - BEFORE_END_SECONDS) * 1_000);
  const { last } = await session.requestToken();
  return last !== undefined && timesIn(last)[1] > expiredAt ? last : undefined;
}

const FIRST_WAITS_MS = [0, 250, 750, 2_000];

/** Reads at once, then after longer and longer waits, until the API knows the token. */
async function propagationOf(session: ProbeSession, token: string): Promise<ProbeAnswer> {
  let waited = 0;
  for (const ms of FIRST_WAITS_MS) {
    if (ms > 0) await session.subject.wait(ms);
    waited += ms;
    const answer = await session.read(token);
    if (answer !== undefined && answer.status !== 401)
      return known("propagation", waited === 0 ? "at once" : `within ${waited}`);
  }
  return open("propagation", "no_occasion");
}

function ofEveryAnswer(answers: readonly Answer[]): readonly ProbeAnswer[] {
  const limited = answers.filter(({ status }) => status === 429);
  return [
    known("dateHeader", answers.length === 0 ? undefined : answers.every(({ headers }) => headers.has("date"))),
    limited.length === 0
      ? open("retryAfter", "no_occasion")
      : known(
          "retryAfter",
          limited.some(({ headers }) => headers.has("retry-after")),
        ),
  ];
}

function known(question: QuestionId, answer: string | number | boolean | undefined): ProbeAnswer {
  return answer === undefined ? open(question, "no_occasion") : { question, answer };
}

/** The status of a refused token request. */
function refusal(question: QuestionId, { token, last }: Requested): ProbeAnswer {
  return known(question, token === undefined ? statusOf(last) : undefined);
}

/** The status, if there was an answer. */
function statusOf(answer: Answer | undefined): number | undefined {
  return answer?.status || undefined;
}

function open(question: QuestionId, reason: keyof typeof OPEN): ProbeAnswer {
  return { question, open: reason };
}

function noToken(...questions: readonly QuestionId[]): readonly ProbeAnswer[] {
  return questions.map((question) => open(question, "no_token"));
}

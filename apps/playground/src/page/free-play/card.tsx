import { cardCode } from "../../chapters/code.ts";
import { number, type Words } from "../../chapters/words.ts";
import type { CardSnapshot, CardState } from "../../server/card.ts";
import { useSend } from "../connection.ts";
import { lapse, timeOfDay } from "../format.ts";
import { useWords } from "../language.ts";
import { LifeBar } from "./life-bar.tsx";

type CardAction = Parameters<typeof cardCode>[1];

interface Props {
  readonly card: CardSnapshot;
  /** Epoch ms by the client's clock. */
  readonly now: number;
  readonly isLive: boolean;
  readonly onCode: (code: string) => void;
}

/** A provider's card. */
export function Card({ card, now, isLive, onCode }: Props) {
  const say = useWords();
  const send = useSend();
  const { provider, state, token, missing, outcome } = card;
  const hasKeys = state !== "no-keys";
  const button = (action: CardAction, isPrimary = false) => (
    <button
      type="button"
      class={isPrimary ? "primary" : ""}
      data-action={action}
      disabled={!hasKeys}
      onClick={() => {
        onCode(cardCode(provider, action));
        void send({ action, provider });
      }}
    >
      {say(ACTIONS[action])}
    </button>
  );
  return (
    <article class="card" data-provider={provider} data-state={state} aria-labelledby={`title-${provider}`}>
      <header>
        <h2 id={`title-${provider}`}>{say(TITLES[provider])}</h2>
        <span class="state">
          {say(STATES[state])}
          {card.isAsking && ` · ${say(TEXT.asking)}`}
        </span>
      </header>
      {hasKeys ? (
        <>
          <div class="token">
            <code class="id">{token?.id ?? say(TEXT.noToken)}</code>
            <span class="remaining">{token && say(remaining(state, token.expiresAt - now))}</span>
          </div>
          <LifeBar life={token} now={now} />
          <dl class="numbers">
            <div>
              <dt>{say(TEXT.requests)}</dt>
              <dd class="requests">{number(card.requests)}</dd>
            </div>
            <div>
              <dt>{say(TEXT.calls)}</dt>
              <dd class="calls">{number(card.calls)}</dd>
            </div>
          </dl>
        </>
      ) : (
        <p class="missing">
          {say({ en: `Set ${missing.join(", ")}.`, ko: `${missing.join(", ")} 환경 변수를 설정하세요.` })}
        </p>
      )}
      <div class="buttons">
        {button("get", true)}
        {button("thousand")}
        {button("call")}
        {button("refresh")}
      </div>
      {!isLive && (
        <fieldset class="buttons trouble">
          <legend class="label">{say(TEXT.trouble)}</legend>
          {button("revoke")}
          {button("fail")}
          {button("hang")}
          {button("wrong")}
        </fieldset>
      )}
      <Armed card={card} />
      {hasKeys && (
        <p class="outcome" role="status" data-tone={outcome?.tone ?? ""}>
          {outcome && say(outcome.text)}
        </p>
      )}
      <Events events={card.events} />
    </article>
  );
}

/** Each waiting fault, and whether callers will notice it. */
function Armed({ card: { armed, state } }: { card: CardSnapshot }) {
  const say = useWords();
  if (armed.length === 0) return null;
  const isCovered = state === "fresh" || state === "stale";
  return (
    <ul class="armed" aria-label={say(TEXT.armed)}>
      {armed.map(({ kind, left }, index) => (
        <li key={index}>{say(waiting(kind, left, isCovered))}</li>
      ))}
    </ul>
  );
}

function waiting(kind: CardSnapshot["armed"][number]["kind"], left: number, isCovered: boolean): Words {
  if (kind === "hang") return { en: "the next token request hangs", ko: "다음 발급 요청은 응답 없음" };
  const [en, ko] = isCovered
    ? ["no caller notices", "호출은 영향 없음"]
    : ["callers see the error", "호출이 오류를 받음"];
  return left === 1
    ? { en: `the next token request gets 500: ${en}`, ko: `다음 발급 요청은 500: ${ko}` }
    : { en: `the next ${left} token requests get 500: ${en}`, ko: `다음 발급 요청 ${left}건은 500: ${ko}` };
}

function Events({ events }: { events: CardSnapshot["events"] }) {
  const say = useWords();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by the keyboard.
    <ol class="events" aria-label={say(TEXT.events)} tabIndex={0}>
      {events.length === 0 && <li class="soft">{say(TEXT.noEvents)}</li>}
      {events.map(({ sequence, at, type, text, tone, count }) => (
        <li key={sequence} title={type}>
          <time>{timeOfDay(at)}</time>
          <span class={`what ${tone}`}>{say(text)}</span>
          <span class="count">{count > 1 ? `× ${number(count)}` : ""}</span>
        </li>
      ))}
    </ol>
  );
}

function remaining(state: CardState, leftMs: number): Words {
  if (state === "refused") return { en: "dropped", ko: "버림" };
  return leftMs > 0
    ? { en: `expires in ${lapse(leftMs)}`, ko: `만료까지 ${lapse(leftMs)}` }
    : { en: `expired ${lapse(-leftMs)} ago`, ko: `${lapse(-leftMs)} 전에 만료` };
}

const TITLES = {
  toss: { en: "Toss Shopping", ko: "토스쇼핑" },
  naver: { en: "Naver Commerce API", ko: "네이버 커머스API" },
  iamport: { en: "iamport (PortOne V1)", ko: "아임포트(포트원 V1)" },
} as const;

const STATES: Readonly<Record<CardState, Words>> = {
  "no-keys": { en: "no keys", ko: "키 없음" },
  none: { en: "no token", ko: "토큰 없음" },
  fresh: { en: "fresh", ko: "유효" },
  stale: { en: "renewal due", ko: "갱신 필요" },
  expired: { en: "expired", ko: "만료" },
  refused: { en: "refused", ko: "거부됨" },
};

const ACTIONS: Readonly<Record<CardAction, Words>> = {
  get: { en: "Get token", ko: "토큰 받기" },
  thousand: { en: "1,000 callers", ko: "호출 1,000건" },
  call: { en: "Call the API", ko: "API 호출" },
  refresh: { en: "Force refresh", ko: "강제 갱신" },
  revoke: { en: "Revoke token", ko: "토큰 폐기" },
  fail: { en: "Next 3 requests: 500", ko: "다음 3건은 500" },
  hang: { en: "Next request: hang", ko: "다음 1건은 응답 없음" },
  wrong: { en: "Wrong secret", ko: "잘못된 시크릿" },
};

const TEXT = {
  asking: { en: "asking", ko: "요청 중" },
  noToken: { en: "no token yet", ko: "아직 토큰 없음" },
  requests: { en: "token requests", ko: "발급 요청" },
  calls: { en: "calls of getToken", ko: "getToken 호출" },
  trouble: { en: "Make trouble", ko: "문제 일으키기" },
  armed: { en: "Faults that wait", ko: "대기 중인 장애" },
  events: { en: "Events", ko: "이벤트" },
  noEvents: { en: "Events appear here as they happen.", ko: "이벤트가 여기에 나타납니다." },
} as const;

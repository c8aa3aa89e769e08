import { PROCESS_CODE } from "../../chapters/code.ts";
import type { Words } from "../../chapters/words.ts";
import type { ProcessSnapshot } from "../../server/process-group.ts";
import type { ProcessActionName } from "../../server/show.ts";
import { type Timeline as Records, useSend } from "../connection.ts";
import { useWords } from "../language.ts";
import { Timeline } from "../timeline/timeline.tsx";

interface Props {
  readonly processes: ProcessSnapshot;
  readonly timeline: Records | undefined;
  readonly onCode: (code: string) => void;
}

const MOST_PROCESSES = 8;
const WINDOW_MS = 30_000;

/** Real processes that share a token: start, kill and restart them, and the Redis that they share. */
export function Processes({ processes: { store, hasRedis, redisRuns, processes }, timeline, onCode }: Props) {
  const say = useWords();
  const send = useSend();
  const isAnyRunning = processes.some(({ state }) => state === "running");
  const button = (
    action: ProcessActionName,
    words: Words,
    more: { lane?: string; disabled?: boolean; pressed?: boolean } = {},
  ) => (
    <button
      type="button"
      data-action={action}
      data-lane={more.lane}
      disabled={more.disabled ?? false}
      aria-pressed={more.pressed}
      onClick={() => {
        onCode(PROCESS_CODE[action]);
        void send({ action, lane: more.lane });
      }}
    >
      {say(words)}
    </button>
  );
  return (
    <section class="processes" aria-labelledby="processes-title">
      <h2 id="processes-title">{say(TEXT.title)}</h2>
      <p class="soft">{say(TEXT.about)}</p>
      <div class="process-controls">
        <fieldset class="group">
          <legend class="label">{say(TEXT.store)}</legend>
          {button("use-sqlite", TEXT.sqlite, { pressed: store === "sqlite" })}
          {button("use-redis", TEXT.redis, { pressed: store === "redis", disabled: !hasRedis })}
        </fieldset>
        {store === "redis" && (
          <fieldset class="group">
            <legend class="label">Redis</legend>
            {button("redis-kill", TEXT.kill, { disabled: !redisRuns })}
            {button("redis-restart", TEXT.restart, { disabled: redisRuns || processes.length === 0 })}
          </fieldset>
        )}
        <fieldset class="group">
          <legend class="label">{say(TEXT.all)}</legend>
          {button("process-start", TEXT.start, { disabled: processes.length >= MOST_PROCESSES })}
          {button("process-ask", TEXT.ask, { disabled: !isAnyRunning })}
          {button("process-call", TEXT.call, { disabled: !isAnyRunning })}
          {button("process-revoke", TEXT.revoke, { disabled: !isAnyRunning })}
          {button("process-reset", TEXT.reset, { disabled: processes.length === 0 })}
        </fieldset>
      </div>
      <ul class="process-list">
        {processes.map(({ lane, pid, state }) => (
          <li key={lane} data-lane={lane} data-state={state}>
            <span>
              {say(TEXT.process)} {lane} <span class="soft">{pid === undefined ? "" : `pid ${pid}`}</span>{" "}
              <strong>{say(STATES[state])}</strong>
            </span>
            {state === "killed"
              ? button("process-restart", named(TEXT.restart, lane), { lane })
              : button("process-kill", named(TEXT.kill, lane), { lane, disabled: state === "starting" })}
          </li>
        ))}
      </ul>
      <Timeline timeline={timeline} isRunning={isAnyRunning} windowMs={WINDOW_MS} />
    </section>
  );
}

/** A button in a list names its process. */
function named({ en, ko }: Words, lane: string): Words {
  return { en: `${en} ${lane}`, ko: `${lane}번 ${ko}` };
}

const STATES: Readonly<Record<ProcessSnapshot["processes"][number]["state"], Words>> = {
  starting: { en: "starting", ko: "시작 중" },
  running: { en: "running", ko: "실행 중" },
  killed: { en: "killed", ko: "종료됨" },
};

const TEXT = {
  title: { en: "Processes that share a token", ko: "토큰을 공유하는 프로세스" },
  about: {
    en: "Real processes with a Toss client each. Their emulator has its own clock, which runs in real time.",
    ko: "토스쇼핑 클라이언트를 하나씩 가진 실제 프로세스입니다. 별도의 에뮬레이터를 쓰며 시계는 실제 시간대로 갑니다.",
  },
  store: { en: "Shared by", ko: "공유 저장소" },
  sqlite: { en: "SQLite", ko: "SQLite" },
  redis: { en: "Redis", ko: "Redis" },
  all: { en: "All processes", ko: "모든 프로세스" },
  start: { en: "Start one more", ko: "하나 더 시작" },
  ask: { en: "250 callers each", ko: "각각 호출 250건" },
  call: { en: "15 API calls each", ko: "각각 API 호출 15건" },
  revoke: { en: "Revoke token", ko: "토큰 폐기" },
  reset: { en: "End all", ko: "모두 끝내기" },
  process: { en: "Process", ko: "프로세스" },
  kill: { en: "Kill", ko: "강제 종료" },
  restart: { en: "Restart", ko: "다시 시작" },
} as const;

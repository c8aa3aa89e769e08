import { useContext } from "preact/hooks";
import { CLOCK_CODE } from "../../chapters/code.ts";
import type { Words } from "../../chapters/words.ts";
import type { ShowSnapshot } from "../../server/show.ts";
import { useSend } from "../connection.ts";
import { timeOfDay } from "../format.ts";
import { LanguageContext, useWords } from "../language.ts";

const FORM = { timeZone: "Asia/Seoul", day: "numeric", month: "short" } as const;
const DATES = { en: new Intl.DateTimeFormat("en-GB", FORM), ko: new Intl.DateTimeFormat("ko-KR", FORM) };

/** A smaller difference is the time that a message takes. */
const NOTABLE_SKEW_MS = 5_000;

type ClockAction = keyof typeof CLOCK_CODE;

/** The providers' time and ours: to move them, and to make them differ. */
export function Clock({ clock, onCode }: { clock: ShowSnapshot["clock"]; onCode: (code: string) => void }) {
  const say = useWords();
  const send = useSend();
  const language = useContext(LanguageContext);
  const { client, server = client } = clock;
  const skewMs = client - server;
  const isOff = Math.abs(skewMs) > NOTABLE_SKEW_MS;
  const skewed = isOff ? (skewMs > 0 ? "skew-ahead" : "skew-behind") : "skew-none";
  const button = (action: ClockAction, words: Words, isPressed?: boolean) => (
    <button
      type="button"
      data-action={action}
      aria-pressed={isPressed}
      onClick={() => {
        onCode(CLOCK_CODE[action]);
        void send({ action });
      }}
    >
      {say(words)}
    </button>
  );
  return (
    <section class="clocks" aria-label={say(TEXT.time)}>
      <div class="clock">
        <div class="reading">
          <span class="label">{say(TEXT.server)}</span>
          <time id="server-time">
            {DATES[language].format(server)}, {timeOfDay(server)}
          </time>
        </div>
        <div class="reading">
          <span class="label">{say(TEXT.client)}</span>
          <span id="client-time" class={isOff ? "off" : ""}>
            {timeOfDay(client)}, {say(isOff ? offBy(skewMs) : TEXT.inStep)}
          </span>
        </div>
        <fieldset class="group">
          <legend class="label">{say(TEXT.pass)}</legend>
          {button("pass-1", TEXT.minute)}
          {button("pass-30", TEXT.halfHour)}
          {button("pass-180", TEXT.threeHours)}
        </fieldset>
      </div>
      <fieldset class="group">
        <legend class="label">{say(TEXT.skew)}</legend>
        {button("skew-behind", TEXT.behind, skewed === "skew-behind")}
        {button("skew-none", TEXT.right, skewed === "skew-none")}
        {button("skew-ahead", TEXT.ahead, skewed === "skew-ahead")}
      </fieldset>
      <div class="group">{button("reset", TEXT.reset)}</div>
    </section>
  );
}

function offBy(ms: number): Words {
  const minutes = Math.abs(Math.round(ms / 60_000));
  return ms > 0
    ? { en: `${minutes} min fast`, ko: `${minutes}분 빠름` }
    : { en: `${minutes} min slow`, ko: `${minutes}분 느림` };
}

const TEXT = {
  time: { en: "Time", ko: "시각" },
  server: { en: "Time at the providers", ko: "제공자 서버의 시각" },
  client: { en: "Our clock", ko: "우리 서버의 시계" },
  inStep: { en: "in step", ko: "일치" },
  pass: { en: "Let time pass", ko: "시간 보내기" },
  minute: { en: "1 min", ko: "1분" },
  halfHour: { en: "30 min", ko: "30분" },
  threeHours: { en: "3 h", ko: "3시간" },
  skew: { en: "Skew our clock", ko: "시계 어긋나게 하기" },
  behind: { en: "−10 min", ko: "−10분" },
  right: { en: "right", ko: "정상" },
  ahead: { en: "+10 min", ko: "+10분" },
  reset: { en: "Reset all", ko: "모두 초기화" },
} as const;

import { useContext, useEffect, useRef } from "preact/hooks";
import type { Words } from "../../chapters/words.ts";
import type { Timeline as Records } from "../connection.ts";
import { LanguageContext, useWords } from "../language.ts";
import { chartHeight, type Picture, TimelineChart } from "./chart.ts";
import { Drawing, type Lane } from "./lanes.ts";
import { timeScale } from "./time-scale.ts";

interface Props {
  readonly timeline: Records | undefined;
  readonly isRunning: boolean;
  /** Draws only the last part of the time, this long. Default: all of it. */
  readonly windowMs?: number;
}

/** Draws only what has changed. While a play runs, every frame changes. */
export function Timeline({ timeline, isRunning, windowMs }: Props) {
  const language = useContext(LanguageContext);
  const say = useWords();
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef<{ chart: TimelineChart; lanes: number; play: number } | undefined>(undefined);

  const drawing = useDrawing(timeline);
  const latest = useRef({ timeline, drawing, isRunning, windowMs, language, say });
  latest.current = { timeline, drawing, isRunning, windowMs, language, say };

  useEffect(() => {
    let frame = 0;
    const draw = () => {
      frame = 0;
      if (place.current !== null) shown.current = redrawn(place.current, shown.current, latest.current);
      if (isAhead(latest.current)) frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [timeline, isRunning, language]);

  useEffect(() => {
    const resized = new ResizeObserver(() => place.current && shown.current?.chart.resize(place.current.clientWidth));
    if (place.current !== null) resized.observe(place.current);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolor = () => shown.current?.chart.recolor();
    dark.addEventListener("change", recolor);
    return () => {
      resized.disconnect();
      dark.removeEventListener("change", recolor);
      shown.current?.chart.destroy();
      shown.current = undefined;
    };
  }, []);

  const height = chartHeight(drawing.lanes.length);
  return (
    <figure class="timeline">
      {drawing.lanes.length === 0 && <p class="nothing">{say(TEXT.nothing)}</p>}
      <div
        ref={place}
        class="chart"
        role="img"
        aria-label={say(TEXT.label)}
        style={{ height: drawing.lanes.length === 0 ? 0 : `${height}px` }}
      />
      <figcaption>
        <Key name="fresh" text={say(TEXT.token)} />
        <Key name="renewing" text={say(TEXT.renewing)} />
        <Key name="unusable" text={say(TEXT.unusable)} />
        <Key name="asking" text={say(TEXT.asking)} />
        <Key name="answered" text={say(TEXT.callers)} />
        <Key name="failed" text={say(TEXT.failed)} />
        <span>{say(TEXT.scale)}</span>
      </figcaption>
    </figure>
  );
}

function Key({ name, text }: { name: string; text: string }) {
  return (
    <span class="key">
      <i class={`swatch ${name}`} /> {text}
    </span>
  );
}

/** The drawing of a play: new records are added to it. */
function useDrawing(timeline: Records | undefined): Drawing {
  const drawn = useRef({ play: -1, count: 0, drawing: new Drawing() });
  const { play = -1, records = [] } = timeline ?? {};
  if (drawn.current.play !== play) drawn.current = { play, count: 0, drawing: new Drawing() };
  const { count, drawing } = drawn.current;
  if (count < records.length) drawing.add(records.slice(count));
  drawn.current.count = records.length;
  return drawing;
}

interface Latest {
  readonly timeline: Records | undefined;
  readonly drawing: Drawing;
  readonly isRunning: boolean;
  readonly windowMs: number | undefined;
  readonly language: Picture["language"];
  readonly say: (words: Words) => string;
}

type Shown = { readonly chart: TimelineChart; readonly lanes: number; readonly play: number } | undefined;

/** The chart with all records so far. Another play, or another number of lanes, needs another chart. */
function redrawn(place: HTMLElement, shown: Shown, latest: Latest): Shown {
  const { timeline, drawing, language, say } = latest;
  const lanes = drawing.lanes.length;
  if (timeline === undefined || lanes === 0) {
    shown?.chart.destroy();
    return undefined;
  }
  const picture = { drawing, scale: scaleOf(latest), language, laneName: (lane: Lane) => laneName(lane, drawing, say) };
  if (shown !== undefined && shown.lanes === lanes && shown.play === timeline.play) {
    shown.chart.show(picture);
    return shown;
  }
  shown?.chart.destroy();
  return { chart: new TimelineChart(place, picture, place.clientWidth), lanes, play: timeline.play };
}

function scaleOf({ timeline, drawing, isRunning, windowMs = Number.POSITIVE_INFINITY }: Latest) {
  const now = isRunning && timeline !== undefined ? nowIn(timeline) : 0;
  const start = Math.max(drawing.start, drawing.end - windowMs);
  const end = Math.max(drawing.end + (drawing.end - start) * 0.02, Math.min(now, drawing.end + LONGEST_SILENCE_MS));
  return timeScale(drawing.gaps, start, end);
}

/** Ms since the play began. */
function nowIn({ beganAt }: Records): number {
  return performance.now() - beganAt;
}

/** Whether time is still running on the axis. */
function isAhead({ timeline, drawing, isRunning }: Latest): boolean {
  return isRunning && timeline !== undefined && nowIn(timeline) < drawing.end + LONGEST_SILENCE_MS;
}

/** How far the axis runs ahead of the last record. */
const LONGEST_SILENCE_MS = 1_000;

function laneName({ side, name }: Lane, { lanes }: Drawing, say: Latest["say"]): string {
  if (lanes.every((lane) => lane.side === side)) return `${say(TEXT.process)} ${name}`;
  return name === "app" ? say(TEXT[side]) : `${say(TEXT[side])} ${name}`;
}

const TEXT = {
  nothing: { en: "Nothing has happened yet.", ko: "아직 아무 일도 없었습니다." },
  label: {
    en: "Timeline: tokens, token requests and callers of each process. The numbers are in the table above.",
    ko: "타임라인: 프로세스별 토큰, 발급 요청, 호출. 숫자는 위 표에 있습니다.",
  },
  hand: { en: "by hand", ko: "직접" },
  ours: { en: "package", ko: "패키지" },
  process: { en: "process", ko: "프로세스" },
  token: { en: "token", ko: "토큰" },
  renewing: { en: "may be renewed", ko: "갱신 구간" },
  unusable: { en: "not handed out", ko: "내주지 않음" },
  asking: { en: "token request", ko: "발급 요청" },
  callers: { en: "callers", ko: "호출" },
  failed: { en: "failed, or refused", ko: "실패·거부" },
  scale: {
    en: "Time is to scale, but not in hatched gaps; the number of callers is logarithmic.",
    ko: "시간 축은 빗금 구간만 축척과 다르고, 호출 수는 로그 눈금입니다.",
  },
} as const;

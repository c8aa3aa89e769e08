import { useMemo } from "preact/hooks";
import { CHAPTER_CODE } from "../chapters/code.ts";
import { SIDES, type SideName, type Tally, tallyOf } from "../chapters/timeline.ts";
import { duration, number, type Words } from "../chapters/words.ts";
import type { StorySnapshot } from "../server/story-player.ts";
import { CodeBlock } from "./code-block.tsx";
import { type Timeline as Records, useSend } from "./connection.ts";
import { handWrittenLines } from "./hand-written.ts";
import { useWords } from "./language.ts";
import { Timeline } from "./timeline/timeline.tsx";

interface Props {
  readonly chapter: StorySnapshot["chapters"][number];
  readonly story: StorySnapshot;
  readonly timeline: Records | undefined;
  readonly previous: string | undefined;
  readonly next: string | undefined;
}

/** One chapter: what is about to happen, the two sides, what happened and why, and the code. */
export function ChapterView({ chapter, story, timeline, previous, next }: Props) {
  const say = useWords();
  const send = useSend();
  const { id, title, before, byHand } = chapter;
  const outcome = story.outcomes[id];
  const isPlaying = story.playing === id;
  const isLeftOut = story.leftOut.includes(id);
  return (
    <main
      class="chapter"
      id="chapter"
      data-chapter={id}
      data-state={isPlaying ? "playing" : outcome ? "played" : "new"}
    >
      <h2>{say(title)}</h2>
      <p class="before">{say(before)}</p>
      <div class="controls">
        <button
          type="button"
          class="primary"
          data-action="play"
          disabled={story.playing !== undefined || isLeftOut}
          onClick={() => send({ action: "play", chapter: id })}
        >
          {say(isPlaying ? TEXT.playing : outcome ? TEXT.again : TEXT.play)}
        </button>
        <span class="steps">
          {previous !== undefined && (
            <a class="button" href={`#${previous}`} data-go="back" rel="prev">
              {say(TEXT.back)}
            </a>
          )}
          {next !== undefined && (
            <a class={`button ${outcome ? "primary" : ""}`} href={`#${next}`} data-go="next" rel="next">
              {say(TEXT.next)}
            </a>
          )}
        </span>
      </div>
      {isLeftOut && <p class="after">{say(TEXT.noRedis)}</p>}
      <Sides timeline={timeline} final={outcome?.tallies} />
      <p class="after" role="status">
        {outcome ? say(outcome.after) : (story.problem ?? "")}
        {outcome && !outcome.held && <strong class="broken"> {say(TEXT.broken)}</strong>}
      </p>
      <Timeline timeline={timeline} isRunning={isPlaying} />
      <div class="codes">
        <CodeBlock title={say(TEXT.byHand)} code={handWrittenLines(byHand)} />
        <CodeBlock title={say(TEXT.byPackage)} code={CHAPTER_CODE[id]} />
      </div>
    </main>
  );
}

/** By hand against the package: counted while it happens. */
function Sides({
  timeline,
  final,
}: {
  timeline: Records | undefined;
  final: Readonly<Record<SideName, Tally>> | undefined;
}) {
  const say = useWords();
  const counted = useMemo(() => {
    const of = (side: SideName) =>
      tallyOf(timeline?.records.flatMap(([each, record]) => (each === side ? [record] : [])) ?? []);
    return { hand: of("hand"), ours: of("ours") };
  }, [timeline]);
  const tallies = final ?? counted;
  return (
    <table class="sides" aria-label={say(TEXT.sides)}>
      <thead>
        <tr>
          <td />
          <th scope="col">{say(TEXT.requests)}</th>
          <th scope="col">{say(TEXT.failed)}</th>
          <th scope="col">{say(TEXT.wait)}</th>
        </tr>
      </thead>
      <tbody>
        {SIDES.map((side) => (
          <tr key={side} data-side={side}>
            <th scope="row">{say(TEXT[side])}</th>
            <td data-fact="requests">{number(tallies[side].requests)}</td>
            <td data-fact="failed" class={tallies[side].failed > 0 ? "bad" : ""}>
              {say(failedOf(tallies[side]))}
            </td>
            <td data-fact="wait">{say(duration(tallies[side].longestWaitMs))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function failedOf({ failed, calls }: Tally): Words {
  if (calls === 0) return { en: "0", ko: "0" };
  return { en: `${number(failed)} of ${number(calls)}`, ko: `${number(calls)}건 중 ${number(failed)}건` };
}

const TEXT = {
  play: { en: "Play", ko: "실행" },
  again: { en: "Play again", ko: "다시 실행" },
  playing: { en: "Playing …", ko: "실행 중 …" },
  back: { en: "Back", ko: "이전" },
  next: { en: "Next", ko: "다음" },
  requests: { en: "token requests", ko: "발급 요청" },
  failed: { en: "failed calls", ko: "실패한 호출" },
  wait: { en: "longest wait", ko: "최대 대기" },
  hand: { en: "By hand", ko: "직접 짠 코드" },
  ours: { en: "Package", ko: "패키지" },
  sides: { en: "By hand against the package", ko: "직접 짠 코드와 패키지 비교" },
  byHand: { en: "By hand: the fifteen lines that run above", ko: "직접 짠 코드: 위에서 실행한 열다섯 줄" },
  byPackage: { en: "The package", ko: "패키지" },
  noRedis: {
    en: "This chapter needs a Redis server to kill. Install redis-server, and start again.",
    ko: "이 장에는 종료할 Redis 서버가 필요합니다. redis-server를 설치하고 다시 시작하세요.",
  },
  broken: {
    en: "This is not what was expected: the machine may be very busy.",
    ko: "기대한 결과가 아닙니다. 컴퓨터가 매우 바쁜 상태일 수 있습니다.",
  },
} as const;

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { LANGUAGES, type Language, type Words } from "../chapters/words.ts";
import type { StorySnapshot } from "../server/story-player.ts";
import { ChapterView } from "./chapter-view.tsx";
import { type Connect, type Connection, type PageState, SendProvider } from "./connection.ts";
import { FreePlay } from "./free-play/free-play.tsx";
import { initialLanguage, LanguageContext, rememberLanguage, useWords } from "./language.ts";

/** The story, chapter by chapter, and the free play at its end. The part of the address after `#` names the chapter. */
export function App({ connect }: { connect: Connect }) {
  const [language, setLanguage] = useState(initialLanguage);
  const [state, setState] = useState<PageState>({ snapshot: undefined, isLost: false, timelines: {} });
  const place = useHash();
  const connection = useRef<Connection>(undefined);
  useEffect(() => {
    const opened = connect(setState);
    connection.current = opened;
    return () => opened.close();
  }, [connect]);
  const send = useCallback<Connection["send"]>(async (command) => connection.current?.send(command), []);
  useEffect(() => {
    document.documentElement.lang = language;
    rememberLanguage(language);
  }, [language]);

  return (
    <LanguageContext.Provider value={language}>
      <Header state={state} language={language} onLanguage={setLanguage} />
      <SendProvider value={send}>
        <Content state={state} place={place} />
      </SendProvider>
    </LanguageContext.Provider>
  );
}

const FREE_PLAY = "play";

function Content({ state, place }: { state: PageState; place: string }) {
  const { snapshot, timelines } = state;
  if (snapshot === undefined) return <main />;
  const { story } = snapshot;
  if (story === undefined) return <FreePlay snapshot={snapshot} timeline={undefined} />;
  // A recorded run has no free play.
  const hasFreePlay = snapshot.processes !== undefined;
  const index =
    place === FREE_PLAY && hasFreePlay ? story.chapters.length : story.chapters.findIndex(({ id }) => id === place);
  const chapter = story.chapters[Math.max(0, index)];
  return (
    <>
      <Chapters story={story} current={Math.max(0, index)} hasFreePlay={hasFreePlay} />
      {chapter === undefined ? (
        <FreePlay snapshot={snapshot} timeline={timelines.processes} />
      ) : (
        <ChapterView
          key={chapter.id}
          chapter={chapter}
          story={story}
          timeline={timelines[chapter.id]}
          previous={story.chapters[Math.max(0, index) - 1]?.id}
          next={story.chapters[Math.max(0, index) + 1]?.id ?? (hasFreePlay ? FREE_PLAY : undefined)}
        />
      )}
    </>
  );
}

function Header({
  state: { snapshot, isLost },
  language,
  onLanguage,
}: {
  state: PageState;
  language: Language;
  onLanguage: (language: Language) => void;
}) {
  const say = useWords();
  const mode = modeOf(snapshot, isLost);
  return (
    <header class="top">
      <div>
        <h1>
          Commerce tokens <span class="soft">playground</span>
        </h1>
        <p class="lead">{say(TEXT.lead)}</p>
      </div>
      <div class="corner">
        <p class={`mode ${isLost ? "lost" : ""} ${snapshot?.live ? "live" : ""}`} id="mode" role="status">
          {say(mode)}
        </p>
        <fieldset class="group" id="language">
          <legend class="unseen">{say(TEXT.language)}</legend>
          {LANGUAGES.map((each) => (
            <button
              type="button"
              key={each}
              lang={each}
              class="small"
              aria-pressed={each === language}
              data-language={each}
              onClick={() => onLanguage(each)}
            >
              {LANGUAGE_NAMES[each]}
            </button>
          ))}
        </fieldset>
      </div>
    </header>
  );
}

function modeOf(snapshot: PageState["snapshot"], isLost: boolean): Words {
  if (isLost) return TEXT.lost;
  if (snapshot === undefined) return TEXT.connecting;
  if (snapshot.live) return TEXT.live;
  return snapshot.processes === undefined ? TEXT.recorded : TEXT.emulated;
}

/** All chapters, with those that were played, and the free play. */
function Chapters({ story, current, hasFreePlay }: { story: StorySnapshot; current: number; hasFreePlay: boolean }) {
  const say = useWords();
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.children[current]?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [current]);
  const places = [...story.chapters, ...(hasFreePlay ? [{ id: FREE_PLAY, title: TEXT.freePlay }] : [])];
  return (
    <nav class="chapters" aria-label={say(TEXT.chapters)}>
      <ol ref={list}>
        {places.map(({ id, title }, index) => (
          <li key={id}>
            <a
              href={`#${id}`}
              aria-current={index === current ? "step" : undefined}
              class={id in story.outcomes ? "played" : ""}
            >
              {index < story.chapters.length && <span class="number">{index + 1}</span>}
              <span class="title">{say(title)}</span>
            </a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The current chapter. The browser's back and forward buttons work too. */
function useHash(): string {
  const [hash, setHash] = useState(location.hash.slice(1));
  useEffect(() => {
    const changed = () => setHash(location.hash.slice(1));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return hash;
}

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", ko: "한국어" };

const TEXT = {
  lead: {
    en: "What goes wrong with a few hand-written lines, and how the packages handle it.",
    ko: "직접 짠 몇 줄로는 무엇이 잘못되고, 패키지는 어떻게 처리하는지 보여 줍니다.",
  },
  connecting: { en: "Connecting …", ko: "연결 중 …" },
  recorded: { en: "A recorded run", ko: "기록된 실행" },
  emulated: { en: "Emulated providers", ko: "에뮬레이터" },
  live: { en: "REAL providers, keys of the environment", ko: "실제 서버, 환경 변수의 키" },
  lost: { en: "Connection lost. Is it still running?", ko: "연결이 끊겼습니다. 실행 중인지 확인하세요." },
  language: { en: "Language", ko: "언어" },
  chapters: { en: "Chapters", ko: "차례" },
  freePlay: { en: "Free play", ko: "자유롭게 해 보기" },
} as const;

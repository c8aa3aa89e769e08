import { useState } from "preact/hooks";
import type { ShowSnapshot } from "../../server/show.ts";
import { CodeBlock } from "../code-block.tsx";
import type { Timeline as Records } from "../connection.ts";
import { useWords } from "../language.ts";
import { Card } from "./card.tsx";
import { Clock } from "./clock.tsx";
import { Journal } from "./journal.tsx";
import { Processes } from "./processes.tsx";

/** Everything to play with: the clocks, a card for each provider, processes, and what arrived at the providers. */
export function FreePlay({ snapshot, timeline }: { snapshot: ShowSnapshot; timeline: Records | undefined }) {
  const say = useWords();
  const { live, clock, cards, journal, processes } = snapshot;
  const [code, setCode] = useState<string>();
  return (
    <main class="free-play" id="free-play">
      {!live && <Clock clock={clock} onCode={setCode} />}
      <div class="cards">
        {cards.map((card) => (
          <Card key={card.provider} card={card} now={clock.client} isLive={live} onCode={setCode} />
        ))}
      </div>
      <div id="last-code" aria-live="polite">
        {code === undefined ? <p class="hint">{say(TEXT.hint)}</p> : <CodeBlock title={say(TEXT.code)} code={code} />}
      </div>
      {processes && <Processes processes={processes} timeline={timeline} onCode={setCode} />}
      {!live && <Journal journal={journal} />}
    </main>
  );
}

const TEXT = {
  code: { en: "The code behind the last button", ko: "마지막에 누른 버튼의 코드" },
  hint: {
    en: "Press a button: its code appears here, ready to copy.",
    ko: "버튼을 누르면 그 코드가 여기에 나타납니다. 복사해서 쓸 수 있습니다.",
  },
} as const;

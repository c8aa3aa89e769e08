import type { Words } from "../../chapters/words.ts";
import type { ShowSnapshot } from "../../server/show.ts";
import { timeOfDay } from "../format.ts";
import { useWords } from "../language.ts";

type Row = ShowSnapshot["journal"][number];

/** What arrived at the emulated providers, newest first. A row stays where it is in the document: only new ones flash. */
export function Journal({ journal }: { journal: readonly Row[] }) {
  const say = useWords();
  return (
    <section class="journal" aria-labelledby="journal-title">
      <h2 id="journal-title">{say(TEXT.title)}</h2>
      <p class="soft">{say(TEXT.about)}</p>
      <table>
        <thead>
          <tr class="row">
            {[TEXT.time, TEXT.where, TEXT.request, TEXT.token, TEXT.answer].map((words) => (
              <th key={words.en} scope="col">
                {say(words)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody id="journal">
          {journal.map((row) => (
            <JournalRow key={row.sequence} row={row} />
          ))}
        </tbody>
      </table>
      {journal.length === 0 && <p class="nothing">{say(TEXT.nothing)}</p>}
    </section>
  );
}

function JournalRow({ row: { at, endpoint, method, path, tokenId, status, faults } }: { row: Row }) {
  const say = useWords();
  const [provider = "", side = ""] = endpoint.split(".");
  const tone = status === undefined ? "busy" : status < 400 ? "good" : "bad";
  return (
    <tr class="row new">
      <td class="soft">{timeOfDay(at)}</td>
      <td class="where">
        {say(PLACES[provider] ?? TEXT.elsewhere)} {side === "api" ? "API" : say(TEXT.tokenEndpoint)}
      </td>
      <td class="path">
        {method} {path.replace(`/${provider}/`, "/")}
      </td>
      <td class="token-id">{tokenId ?? ""}</td>
      <td class="answer" data-tone={tone}>
        {status ?? say(TEXT.noAnswer)}
        {faults.length > 0 && <span class="fault">{say(TEXT.byFault)}</span>}
      </td>
    </tr>
  );
}

const PLACES: Readonly<Record<string, Words>> = {
  toss: { en: "Toss", ko: "토스쇼핑" },
  naver: { en: "Naver", ko: "네이버" },
  iamport: { en: "iamport", ko: "아임포트" },
};

const TEXT = {
  title: { en: "What arrived at the providers", ko: "제공자 서버에 도착한 요청" },
  about: {
    en: "Newest first. Tokens are shown by their ids; secrets are not recorded.",
    ko: "최신순입니다. 토큰은 식별자로만 표시하고 시크릿은 기록하지 않습니다.",
  },
  time: { en: "Time", ko: "시각" },
  where: { en: "Where", ko: "위치" },
  request: { en: "Request", ko: "요청" },
  token: { en: "Token used or issued", ko: "쓰거나 받은 토큰" },
  answer: { en: "Answer", ko: "응답" },
  tokenEndpoint: { en: "token", ko: "토큰 발급" },
  elsewhere: { en: "?", ko: "?" },
  noAnswer: { en: "no answer", ko: "응답 없음" },
  byFault: { en: "by a fault", ko: "장애" },
  nothing: { en: "Nothing yet.", ko: "아직 없습니다." },
} as const;

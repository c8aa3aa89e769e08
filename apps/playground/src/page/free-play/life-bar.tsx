import type { TokenLife } from "../../chapters/token-life.ts";
import type { Words } from "../../chapters/words.ts";
import { lapse } from "../format.ts";
import { useWords } from "../language.ts";

/**
 * Where the windows begin on the bar, in percent. Not to scale: a window of 5 seconds in half an hour would be
 * invisible.
 */
const RENEW_AT = 56;
const UNUSABLE_AT = 86;
/** A re-issue window opens just before the renewal, so it has its own place. */
const REISSUE_AT = 48;

/** A token's life with its windows. `now`: epoch ms by the client's clock. */
export function LifeBar({ life, now }: { life: TokenLife | undefined; now: number }) {
  const say = useWords();
  const position = life === undefined ? 0 : positionOf(life, now);
  return (
    <div class="life">
      <div class={`bar ${life === undefined ? "empty" : ""} ${position >= 100 ? "over" : ""}`} aria-hidden="true">
        <div class="segments">
          <i class="fresh" />
          <i class="renewing" />
          <i class="unusable" />
        </div>
        <i class="passed" style={{ width: `${position}%` }} />
        {life?.reissueAt !== undefined && <i class="reissue" style={{ left: `${REISSUE_AT}%` }} />}
        <i class="now" style={{ left: `${position}%` }} />
      </div>
      <ul class="windows">
        {life &&
          windowsOf(life).map(([name, words]) => (
            <li key={name}>
              <span class={`swatch ${name}`} />
              {say(words)}
            </li>
          ))}
      </ul>
    </div>
  );
}

/** Where a moment is on the bar, in percent: to scale between two windows' beginnings. */
function positionOf(life: TokenLife, at: number): number {
  const marks = [
    { at: life.issuedAt, position: 0 },
    ...(life.reissueAt === undefined ? [] : [{ at: life.reissueAt, position: REISSUE_AT }]),
    { at: life.renewFrom, position: RENEW_AT },
    { at: life.unusableAt, position: UNUSABLE_AT },
    { at: life.expiresAt, position: 100 },
  ];
  for (const [index, mark] of marks.entries()) {
    const next = marks[index + 1];
    if (next === undefined || at < mark.at) break;
    if (at >= next.at) continue;
    return mark.position + ((at - mark.at) / (next.at - mark.at)) * (next.position - mark.position);
  }
  return at < life.issuedAt ? 0 : 100;
}

function windowsOf({ issuedAt, reissueAt, renewFrom, unusableAt, expiresAt }: TokenLife): [string, Words][] {
  const last = (from: number) => lapse(expiresAt - from);
  const [life, renewing, unusable] = [last(issuedAt), last(renewFrom), last(unusableAt)];
  return [
    ["fresh", { en: `fresh, of ${life}`, ko: `유효, 전체 ${life}` }],
    ["renewing", { en: `background refresh: last ${renewing}`, ko: `백그라운드 갱신: 마지막 ${renewing}` }],
    ["unusable", { en: `not handed out: last ${unusable}`, ko: `내주지 않음: 마지막 ${unusable}` }],
    ...(reissueAt === undefined ? [] : [reissueWindow(last(reissueAt))]),
  ];
}

function reissueWindow(length: string): [string, Words] {
  return ["reissue", { en: `provider's re-issue window: last ${length}`, ko: `재발급 구간: 마지막 ${length}` }];
}

/** @import { TokenLife } from "../chapters/token-life.ts" */

/** Where the windows begin on the bar, in percent. Not to scale: a window of 5 seconds in half an hour would not be seen. */
const RENEW_AT = 56;
const UNUSABLE_AT = 86;
/** A re-issue window opens just before the token is renewed: it has a place of its own. */
const REISSUE_AT = 48;

/** @param {HTMLElement} place */
export function createLifeBar(place) {
  place.innerHTML =
    '<div class="bar empty"><div class="segments"><i class="fresh"></i><i class="renewing"></i><i class="unusable"></i></div>' +
    '<i class="passed"></i><i class="reissue"></i><i class="now"></i></div><ul class="windows"></ul>';
  const bar = /** @type {HTMLElement} */ (place.querySelector(".bar"));
  const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (place.querySelector(`.${name}`));
  let shown = "";

  return {
    /**
     * @param {TokenLife | undefined} life
     * @param {number} now epoch ms by the client's clock
     */
    show(life, now) {
      bar.classList.toggle("empty", life === undefined);
      if (life === undefined) return;
      const position = positionOf(life, now);
      bar.classList.toggle("over", position >= 100);
      part("now").style.left = `${position}%`;
      part("passed").style.width = `${position}%`;
      part("reissue").style.left = `${REISSUE_AT}%`;
      part("reissue").hidden = life.reissueAt === undefined;
      const key = JSON.stringify(life);
      if (key !== shown) part("windows").replaceChildren(...windowsOf(life));
      shown = key;
    },
  };
}

/**
 * Where a moment is on the bar, in percent: to scale between two windows' beginnings.
 *
 * @param {TokenLife} life
 * @param {number} at
 */
function positionOf(life, at) {
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

/** @param {TokenLife} life */
function windowsOf({ issuedAt, reissueAt, renewFrom, unusableAt, expiresAt }) {
  const last = (/** @type {number} */ from) => duration(expiresAt - from);
  const windows = [
    ["fresh", `fresh, of ${duration(expiresAt - issuedAt)}`],
    ["renewing", `renewed behind: last ${last(renewFrom)}`],
    ["unusable", `not handed out: last ${last(unusableAt)}`],
    ...(reissueAt === undefined ? [] : [["reissue", `provider's re-issue window: last ${last(reissueAt)}`]]),
  ];
  return windows.map(([name, text]) => {
    const item = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = `swatch ${name}`;
    item.append(swatch, text ?? "");
    return item;
  });
}

/**
 * `2:59:40`, `28:00` or `0:30`.
 *
 * @param {number} ms
 */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

import iamport from "../chapters/by-hand/iamport.js?raw";
import naver from "../chapters/by-hand/naver.js?raw";
import toss from "../chapters/by-hand/toss.js?raw";
import tossRedis from "../chapters/by-hand/toss-redis.js?raw";
import type { ByHand } from "../chapters/guided-chapter.ts";

/** The hand-written lines that a chapter runs. */
export function handWrittenLines(byHand: ByHand): string {
  return innerLines(FILES[byHand]);
}

const FILES: Readonly<Record<ByHand, string>> = { toss, naver, iamport, "toss-redis": tossRedis };

/** Without the wrapper, which passes the URL, the keys and the clock. */
function innerLines(file: string): string {
  const lines = file.split("\n");
  const first = lines.findIndex((line) => line.startsWith("export function")) + 1;
  const last = lines.findIndex((line) => line.startsWith("  return { getToken, call }"));
  return lines
    .slice(first, last)
    .map((line) => line.slice(2).replace("/** @type {string} */ ", ""))
    .join("\n");
}

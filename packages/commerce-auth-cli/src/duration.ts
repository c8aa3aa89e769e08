import type { Text } from "./language.ts";

/** A span of time as people say it. */
export function duration(ms: number): Text {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return { ko: `${seconds}초`, en: `${seconds} s` };
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return { ko: `${minutes}분`, en: `${minutes} min` };
  const hours = Math.round(minutes / 60);
  return hours < 48
    ? { ko: `${hours}시간`, en: `${hours} h` }
    : { ko: `${Math.round(hours / 24)}일`, en: `${Math.round(hours / 24)} days` };
}

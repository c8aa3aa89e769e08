export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Korea is nine hours ahead of UTC, without daylight saving time. */
export const KOREA_OFFSET_MS = 9 * HOUR_MS;

/** Korean local time with its offset, as Naver's bodies show it. */
export function koreanTimestamp(epochMs: number): string {
  return new Date(epochMs + KOREA_OFFSET_MS).toISOString().replace("Z", "+09:00");
}

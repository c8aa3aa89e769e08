const TIME_OF_DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Seoul", timeStyle: "medium" });

/** In Korea, where the providers are. `at`: epoch ms. */
export function timeOfDay(at: number): string {
  return TIME_OF_DAY.format(at);
}

/** `2:59:40`, `28:00` or `0:30`. */
export function lapse(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

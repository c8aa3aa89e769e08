/** The chapters of the guided story, in order. */
export const CHAPTER_IDS = [
  "thousand-callers",
  "background-renewal",
  "failed-renewal",
  "revoked-in-flight",
  "same-token",
  "clock-off",
  "off-form",
  "killed-process",
  "redis-killed",
  "call-limit",
  "rotated-secret",
] as const;

export type ChapterId = (typeof CHAPTER_IDS)[number];

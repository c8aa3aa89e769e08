import { backgroundRenewal, failedRenewal, thousandCallers } from "./callers.ts";
import type { GuidedChapter } from "./guided-chapter.ts";
import { callLimit, killedProcess, redisKilled } from "./many-processes.ts";
import { clockOff, offForm } from "./naver-rules.ts";
import { revokedInFlight, sameToken } from "./refusals.ts";
import { rotatedSecret } from "./rotation.ts";

/** The guided story, in order: the page and `npm run demo` play the same. */
export const GUIDED_CHAPTERS: readonly GuidedChapter[] = [
  thousandCallers,
  backgroundRenewal,
  failedRenewal,
  revokedInFlight,
  sameToken,
  clockOff,
  offForm,
  killedProcess,
  redisKilled,
  callLimit,
  rotatedSecret,
];

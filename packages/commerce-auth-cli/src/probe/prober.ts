import { randomBytes } from "node:crypto";
import type { Clock } from "@x/token-cache-core";
import type { Answer } from "../answers/recorder.ts";
import type { Credentials } from "../providers/credentials.ts";

/** A token request, and what was answered. */
export interface Requested {
  readonly token: string | undefined;
  /** The first answer: Naver's client asks again if its time is rejected. */
  readonly first: Answer | undefined;
  readonly last: Answer | undefined;
}

/** What a provider's probe can do. */
export interface Prober {
  /** Requests a token, with nothing remembered. Default: with the user's credentials and the real time. */
  requestToken(by?: { credentials?: Credentials; clock?: Clock }): Promise<Requested>;
  /** Sends a harmless read. Default: the first of the provider's. */
  read(token: string, path?: string): Promise<Answer | undefined>;
  /** Waits for real time to pass. */
  wait(ms: number): Promise<unknown>;
}

/** A text that nobody has as a key, to see how a wrong one is answered. */
export function madeUp(): string {
  return `probe${randomBytes(12).toString("hex")}`;
}

/** A longer timeout fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A clock that is behind, so that Naver's client signs an old time. */
export function clockBehind(ms: number): Clock {
  return {
    wall: () => Date.now() - ms,
    monotonic: () => performance.now(),
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, Math.min(delayMs, LONGEST_TIMEOUT_MS));
      return { cancel: () => clearTimeout(timer), keepAlive: () => timer.ref() };
    },
  };
}

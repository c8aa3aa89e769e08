import { randomBytes } from "node:crypto";
import { type Clock, TokenCache } from "@x/token-cache-core";
import type { Access } from "../access/access.ts";
import { harmlessRead } from "../answers/harmless-read.ts";
import { type Answer, Recorder } from "../answers/recorder.ts";
import type { Credentials } from "../providers/profile.ts";

/** What a probe is made on. */
export interface Subject extends Access {
  /** Waits for real time to pass. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** A token request, and what was answered. */
export interface Requested {
  readonly token: string | undefined;
  /** The first answer: Naver's client asks again if its time is rejected. */
  readonly first: Answer | undefined;
  readonly last: Answer | undefined;
}

/** Sends the requests of a probe by the providers' own packages, and counts them. */
export class ProbeSession {
  readonly subject: Subject;
  readonly answers: Answer[] = [];

  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** Asks for a token, with nothing remembered. */
  async requestToken({
    credentials = this.subject.credentials,
    clock,
  }: {
    credentials?: Credentials;
    clock?: Clock;
  } = {}): Promise<Requested> {
    const { profile, target, timeoutMs } = this.subject;
    const recorder = new Recorder();
    const cache = new TokenCache({ maxAttempts: 1, flightTimeoutMs: timeoutMs + 1_000, clock });
    try {
      const auth = profile.createAuth({ credentials, target, cache, fetch: recorder.fetch, timeoutMs });
      const token = await auth.getToken().then(
        ({ value }) => value,
        () => undefined,
      );
      this.answers.push(...recorder.answers);
      return { token, first: recorder.answers[0], last: recorder.last };
    } finally {
      await cache.close();
    }
  }

  /** A harmless read; by default the first of the provider's. */
  async read(
    token: string,
    path = this.subject.profile.reads(this.subject.credentials)[0]?.path ?? "",
  ): Promise<Answer | undefined> {
    const answer = await harmlessRead(this.subject, token, path);
    if (answer !== undefined) this.answers.push(answer);
    return answer;
  }
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

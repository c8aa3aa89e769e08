import { type Clock, TokenCache } from "@x/token-cache-core";
import type { Access } from "../access/access.ts";
import { harmlessRead } from "../answers/harmless-read.ts";
import { type Answer, Recorder } from "../answers/recorder.ts";
import type { Credentials } from "../providers/credentials.ts";
import type { Prober, Requested } from "./prober.ts";

/** What is probed. */
export interface Subject extends Access {
  /** Waits for real time to pass. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Sends the requests of a probe by the providers' own packages, and counts them. */
export class ProbeSession implements Prober {
  readonly subject: Subject;
  readonly answers: Answer[] = [];

  constructor(subject: Subject) {
    this.subject = subject;
  }

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

  async read(token: string, path?: string): Promise<Answer | undefined> {
    const { profile, credentials } = this.subject;
    const answer = await harmlessRead(this.subject, token, path ?? profile.reads(credentials)[0]?.path ?? "");
    if (answer !== undefined) this.answers.push(answer);
    return answer;
  }

  async wait(ms: number): Promise<void> {
    await this.subject.wait(ms);
  }
}

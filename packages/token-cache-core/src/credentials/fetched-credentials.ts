import { abortable } from "../abortable.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { CredentialsOutcome } from "../contract/token-source.ts";
import { backoffMs } from "../time/backoff.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../time/clock.ts";
import { notFetched, tooSlow } from "./credentials-function.ts";

/** Where credentials are fetched from. */
export interface FetchedCredentialsInit<C> {
  readonly provider: string;
  /** How long credentials are used without another fetch, in ms. */
  readonly ttlMs: number;
  /** Time limit of one fetch, in ms. */
  readonly timeoutMs: number;
  /** @throws TokenError `credentials_unavailable` */
  ask(signal: AbortSignal): Promise<C>;
}

interface ResolveContext {
  readonly clock: Clock;
  /** Whether callers may wait for another caller's fetch. */
  readonly sharedFlights: boolean;
  /** The error with which the provider refused the known credentials. The same error counts once. */
  readonly refusal: TokenError | undefined;
  report(outcome: CredentialsOutcome, durationMs: number): void;
}

/** No fetch is due during a pause. */
interface Pause {
  readonly since: Instant;
  readonly ms: number;
  /** The number of pauses in a row, for the backoff. */
  readonly count: number;
}

/** The pause after a fetch that failed. */
const FAILURE_BACKOFF = { baseMs: 1_000, capMs: 30_000 };

/** The pause between two fetches while the provider refuses the credentials: a corrected secret is used soon. */
const REFUSAL_BACKOFF = { baseMs: 1_000, capMs: 5_000 };
/** A new refusal this long after the last such fetch starts the backoff again. */
const REFUSALS_PAST_MS = 60_000;

/**
 * Credentials that a function fetches: a cache of one value with a time to live. Single flight; the value known before
 * stays in use when a fetch fails (stale-if-error), and the next fetch follows after exponential backoff.
 */
export class FetchedCredentials<C> {
  readonly #init: FetchedCredentialsInit<C>;
  #known: { readonly credentials: C; readonly at: Instant } | undefined;
  /** The running fetch, and how many refusals were known when it began. */
  #running: { readonly credentials: Promise<C>; readonly refusals: number } | undefined;
  #failure: (Pause & { readonly error: TokenError }) | undefined;
  /** The provider's last refusal, and whether the known credentials are still those that it refused. */
  #refusal: TokenError | undefined;
  #refusals = 0;
  #isRefused = false;
  #refusalPause: Pause | undefined;

  constructor(init: FetchedCredentialsInit<C>) {
    this.#init = init;
  }

  /** @throws TokenError `credentials_unavailable` before they were fetched */
  get known(): C {
    if (this.#known === undefined) throw this.lastError ?? notFetched(this.#init.provider);
    return this.#known.credentials;
  }

  get isKnown(): boolean {
    return this.#known !== undefined;
  }

  /** Why the last fetch failed. */
  get lastError(): TokenError | undefined {
    return this.#failure?.error;
  }

  /** The provider issued a token for these credentials. */
  accepted(credentials: C): void {
    if (credentials === this.#known?.credentials) this.#isRefused = false;
  }

  /**
   * The credentials as they are now: see {@link CredentialRotation.resolve}.
   *
   * @throws TokenError `credentials_unavailable`, if none are known
   */
  async resolve(context: ResolveContext): Promise<C> {
    const now = instant(context.clock);
    if (context.refusal !== undefined) this.#noteRefusal(context.refusal, now);
    if (!this.#isDue(now)) return this.known;
    const running = context.sharedFlights ? this.#running : undefined;
    if (running === undefined) return await this.#fetch(context);
    const isOlder = running.refusals < this.#refusals;
    const credentials = await running.credentials;
    // A fetch that began before the refusal may have brought the refused credentials once more.
    return isOlder ? await this.resolve({ ...context, refusal: undefined }) : credentials;
  }

  #noteRefusal(refusal: TokenError, now: Instant): void {
    if (refusal === this.#refusal) return;
    this.#refusal = refusal;
    this.#refusals += 1;
    this.#isRefused = true;
    const { since } = this.#refusalPause ?? {};
    if (since !== undefined && elapsedMs(since, now) > REFUSALS_PAST_MS) this.#refusalPause = undefined;
  }

  #isDue(now: Instant): boolean {
    if (isOn(this.#failure, now)) return false;
    if (this.#known === undefined) return true;
    if (this.#isRefused) return !isOn(this.#refusalPause, now);
    return elapsedMs(this.#known.at, now) >= this.#init.ttlMs;
  }

  #fetch(context: ResolveContext): Promise<C> {
    const refusals = this.#refusals;
    const credentials = this.#fetchOnce(context).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    const running = { credentials, refusals };
    if (context.sharedFlights) this.#running = running;
    return credentials;
  }

  async #fetchOnce({ clock, report }: ResolveContext): Promise<C> {
    const at = instant(clock);
    const isForRefusal = this.#isRefused;
    const outcome = await this.#ask(clock).then(
      (credentials) => this.#learn(credentials, at),
      (error: TokenError) => {
        this.#failure = { ...pauseAfter(this.#failure, instant(clock), FAILURE_BACKOFF), error };
        return "failed" as const;
      },
    );
    if (isForRefusal) this.#refusalPause = pauseAfter(this.#refusalPause, at, REFUSAL_BACKOFF);
    report(outcome, elapsedMs(at, instant(clock)));
    return this.known;
  }

  #learn(credentials: C, at: Instant): CredentialsOutcome {
    this.#failure = undefined;
    const before = this.#known;
    // Without shared flights, an older answer may arrive after a newer one.
    if (before !== undefined && before.at.monotonic > at.monotonic) return "unchanged";
    const isSame = before !== undefined && JSON.stringify(before.credentials) === JSON.stringify(credentials);
    this.#known = { credentials: isSame ? before.credentials : credentials, at };
    if (!isSame) this.#isRefused = false;
    if (before === undefined) return "first";
    return isSame ? "unchanged" : "changed";
  }

  async #ask(clock: Clock): Promise<C> {
    const { provider, timeoutMs, ask } = this.#init;
    const limit = new AbortController();
    const timer = clock.setTimer(() => limit.abort(tooSlow(provider, timeoutMs)), timeoutMs);
    try {
      return await abortable(ask(limit.signal), limit.signal);
    } finally {
      timer.cancel();
    }
  }
}

function isOn(pause: Pause | undefined, now: Instant): boolean {
  return pause !== undefined && elapsedMs(pause.since, now) < pause.ms;
}

function pauseAfter(before: Pause | undefined, since: Instant, backoff: { baseMs: number; capMs: number }): Pause {
  const count = (before?.count ?? 0) + 1;
  return { since, count, ms: backoffMs(count, backoff) };
}

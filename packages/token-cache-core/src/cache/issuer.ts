import { issuedTokenFault } from "../contract/issued-token-fault.ts";
import type { ClockReading } from "../contract/telemetry.ts";
import { TokenError } from "../contract/token-error.ts";
import type { TokenEvent, TokenEventDetail } from "../contract/token-events.ts";
import type { IssueContext, IssuedToken, TokenSource } from "../contract/token-source.ts";
import type { Lanes } from "../rate-limit/lanes.ts";
import { backoffMs } from "../time/backoff.ts";
import { type Clock, instant } from "../time/clock.ts";
import { SyncedServerClock } from "../time/server-clock.ts";
import { ConcurrencyLimit, UNLIMITED_SLOT } from "./concurrency-limit.ts";
import type { Flight } from "./flight.ts";
import { IssueSlot } from "./issue-slot.ts";

/** Limits of token requests. */
export interface IssueLimits {
  /** Token requests of one flight. */
  readonly maxAttempts: number;
  /** For one flight, all attempts included, in ms. */
  readonly flightTimeoutMs: number;
  /** Concurrent token requests to one origin. */
  readonly maxConcurrentIssues: number;
  /** Whether a flight may wait for another one's promise. */
  readonly sharedFlights: boolean;
}

/** What all identities of one origin share. */
interface Host {
  readonly provider: string;
  readonly slots: ConcurrencyLimit;
  readonly serverClock: SyncedServerClock;
  readonly state: Map<string, unknown>;
}

const BACKOFF = { baseMs: 200, capMs: 5_000 };

/** Sends token requests: by the provider's rate limit, a few at once per host, and with backoff after a transient error. */
export class Issuer {
  readonly #hosts = new Map<string, Host>();
  readonly #clock: Clock;
  readonly #limits: IssueLimits;
  readonly #lanes: Lanes;
  readonly #observe: (event: TokenEvent) => void;

  constructor(clock: Clock, limits: IssueLimits, lanes: Lanes, observe: (event: TokenEvent) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#lanes = lanes;
    this.#observe = observe;
  }

  /** A slot for a flight's token requests to the source's host, not taken yet. */
  slot(source: TokenSource, flight: Flight): IssueSlot {
    const slot = this.#limits.sharedFlights ? this.#host(source).slots.slot() : UNLIMITED_SLOT;
    return new IssueSlot(flight, slot, this.#lanes, source.rateLimit);
  }

  /**
   * Asks the source for a token. Asks again after a transient error or an outdated answer, within the flight's time
   * limit. Waits in line do not count, and neither does a machine's sleep. A flight that waits for its next attempt
   * holds no slot.
   *
   * @param checkUpToDate throws a TokenError if an answer is outdated
   * @throws TokenError
   */
  async issue(
    source: TokenSource,
    flight: Flight,
    slot: IssueSlot,
    checkUpToDate: (issued: IssuedToken) => void,
  ): Promise<IssuedToken> {
    const { maxAttempts, flightTimeoutMs } = this.#limits;
    const context = this.#contextFor(source, flight, slot);
    let leftMs = flightTimeoutMs;
    for (let attempt = 1; ; attempt++) {
      if (!slot.tryTake()) await slot.take();
      slot.begin();
      const askedAt = this.#clock.monotonic();
      try {
        const issued = await flight.request(async () => {
          const answer = await flight.within(leftMs, source, () => source.issue(context));
          return checkIssued(answer, source.provider);
        });
        checkUpToDate(issued);
        return issued;
      } catch (thrown) {
        const error = asTokenError(thrown, source.provider);
        const retryInMs = error.retryAfterMs ?? backoffMs(attempt, BACKOFF);
        leftMs -= this.#clock.monotonic() - askedAt + retryInMs;
        if (!error.retryable || attempt >= maxAttempts || leftMs <= 0 || flight.signal.aborted) throw error;
        this.#report(source, { type: "attempt_failed", code: error.code, attempt, retryInMs });
        slot.free();
        await flight.sleep(retryInMs);
      }
    }
  }

  /** The clock of the source's host, which all identities there share. */
  serverClock(source: TokenSource): SyncedServerClock {
    return this.#host(source).serverClock;
  }

  /** The hosts' clocks, as far as they are known. */
  *clocks(): Iterable<ClockReading> {
    const now = instant(this.#clock);
    for (const { provider, serverClock } of this.#hosts.values()) {
      const offset = serverClock.offset(now);
      if (offset !== undefined) yield { provider, offset };
    }
  }

  #contextFor(source: TokenSource, { signal }: Flight, slot: IssueSlot): IssueContext {
    const { serverClock, state } = this.#host(source);
    return {
      signal,
      clock: this.#clock,
      serverClock,
      sharedFlights: this.#limits.sharedFlights,

      takeTurn: () => slot.takeTurn(),
      learnLimit: (answer) => slot.learn(answer),
      hostState<T>(name: string, create: () => T): T {
        if (!state.has(name)) state.set(name, create());
        return state.get(name) as T;
      },
    };
  }

  #host({ provider, origin }: TokenSource): Host {
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      const onSynced = (offset: { lowerMs: number; upperMs: number }) =>
        this.#observe({ type: "clock_synced", provider, origin, offset });
      host = {
        provider,
        slots: new ConcurrencyLimit(this.#limits.maxConcurrentIssues),
        serverClock: new SyncedServerClock(onSynced),
        state: new Map(),
      };
      this.#hosts.set(origin, host);
    }
    return host;
  }

  #report({ provider, key }: TokenSource, detail: TokenEventDetail): void {
    this.#observe({ provider, key, ...detail });
  }
}

/** What a source threw, as a TokenError. The text of a foreign error may hold a secret, so only its name is kept. */
export function asTokenError(thrown: unknown, provider: string): TokenError {
  if (TokenError.is(thrown)) return thrown;
  const name = thrown instanceof Error ? thrown.name : typeof thrown;
  return new TokenError("invalid_response", {
    message: `The token source threw a ${name} in place of a TokenError. Make its issue() throw a TokenError that says what went wrong.`,
    provider,
    retryable: false,
  });
}

function checkIssued(issued: IssuedToken, provider: string): IssuedToken {
  const fault = issuedTokenFault(issued);
  if (fault === undefined) return issued;
  const message = `The provider's answer holds ${fault}. Check that the token URL is the provider's own.`;
  throw new TokenError("invalid_response", { message, provider });
}

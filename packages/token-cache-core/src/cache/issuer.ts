import { TokenError } from "../contract/token-error.ts";
import type { TokenEvent, TokenEventDetail } from "../contract/token-events.ts";
import type { IssuedToken, TokenSource } from "../contract/token-source.ts";
import { backoffMs } from "../time/backoff.ts";
import { type Clock, elapsedMs, instant } from "../time/clock.ts";
import { type ServerClock, SyncedServerClock } from "../time/server-clock.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { TokenFlight } from "./flight.ts";

/** How much is asked of a provider. */
export interface IssueLimits {
  /** Token requests of one flight. */
  readonly maxAttempts: number;
  /** For one flight, all attempts included, in ms. */
  readonly flightTimeoutMs: number;
  /** Token requests at once to one origin. */
  readonly maxConcurrentIssues: number;
  /** Whether a flight may wait for what another one does. */
  readonly sharedFlights: boolean;
}

interface ProviderHost {
  readonly slots: ConcurrencyLimit;
  readonly clock: ServerClock;
}

const BACKOFF = { baseMs: 200, capMs: 5_000 };

/** Asks providers for tokens: so many at once per host, and again after a failure that passes. */
export class TokenIssuer {
  readonly #hosts = new Map<string, ProviderHost>();
  readonly #clock: Clock;
  readonly #limits: IssueLimits;
  readonly #observe: (event: TokenEvent) => void;

  constructor(clock: Clock, limits: IssueLimits, observe: (event: TokenEvent) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#observe = observe;
  }

  /**
   * Asks the source for a token, and after a failure that passes again, within the flight's time limit. Standing in line
   * for the host does not count, and a flight that waits for its next attempt is in nobody's way.
   *
   * @throws TokenError
   */
  async issue(source: TokenSource, flight: TokenFlight): Promise<IssuedToken> {
    const { maxAttempts, flightTimeoutMs, sharedFlights } = this.#limits;
    const { slots, clock: serverClock } = this.#hostOf(source);
    const context = { signal: flight.signal, clock: this.#clock, serverClock, sharedFlights };
    let leftMs = flightTimeoutMs;
    const ask = async () => {
      const askedAt = instant(this.#clock);
      try {
        return checkIssued(await flight.within(leftMs, source.provider, () => source.issue(context)), source.provider);
      } finally {
        leftMs -= elapsedMs(askedAt, instant(this.#clock));
      }
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await (sharedFlights ? slots.run(ask) : ask());
      } catch (thrown) {
        const error = asTokenError(thrown, source.provider);
        const retryInMs = error.retryAfterMs ?? backoffMs(attempt, BACKOFF);
        const isLast = !error.retryable || attempt >= maxAttempts || retryInMs >= leftMs;
        if (isLast || flight.signal.aborted) throw error;
        this.#report(source, { type: "attempt_failed", code: error.code, attempt, retryInMs });
        await flight.sleep(retryInMs);
        leftMs -= retryInMs;
      }
    }
  }

  /** The clock of the source's host, which all identities there share. */
  serverClock(source: TokenSource): ServerClock {
    return this.#hostOf(source).clock;
  }

  #hostOf({ provider, origin }: TokenSource): ProviderHost {
    let host = this.#hosts.get(origin);
    if (host === undefined) {
      host = {
        slots: new ConcurrencyLimit(this.#limits.maxConcurrentIssues),
        clock: new SyncedServerClock((offset) => this.#observe({ type: "clock_synced", provider, origin, offset })),
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
    message: `The token source threw a ${name} that is no TokenError. Let its issue() throw a TokenError that says what went wrong.`,
    provider,
    retryable: false,
  });
}

/** A longer lifetime is taken for a unit mistaken by the provider: nothing lives for ever (case 11). */
const LONGEST_LIFETIME_MS = 10 * 365 * 24 * 60 * 60 * 1_000;

/** What may stand in an `Authorization` header: no spaces, no line ends. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

function checkIssued(issued: IssuedToken, provider: string): IssuedToken {
  const { value, lifetimeMs } = issued;
  if (typeof value !== "string" || !HEADER_SAFE.test(value)) {
    throw invalidResponse(provider, "an access token that cannot stand in a header");
  }
  if (!(typeof lifetimeMs === "number" && lifetimeMs > 0 && lifetimeMs <= LONGEST_LIFETIME_MS)) {
    throw invalidResponse(provider, `a lifetime of ${Number(lifetimeMs) / 1_000} s`);
  }
  return issued;
}

function invalidResponse(provider: string, found: string): TokenError {
  const message = `The provider's answer holds ${found}. Check that the token URL is the provider's own.`;
  return new TokenError("invalid_response", { message, provider });
}

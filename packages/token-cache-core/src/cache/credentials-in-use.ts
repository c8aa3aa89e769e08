import { TokenError } from "../contract/token-error.ts";
import type { Reporter } from "../contract/token-events.ts";
import type { RotatingSource, TokenSource } from "../contract/token-source.ts";
import type { Clock } from "../time/clock.ts";
import type { NegativeCache } from "./negative-cache.ts";

/** Finds the source with the credentials as they are now, for sources whose credentials may change. */
export class CredentialsInUse {
  readonly #clock: Clock;
  readonly #sharedFlights: boolean;
  readonly #negative: NegativeCache;
  readonly #report: Reporter;

  constructor(clock: Clock, sharedFlights: boolean, negative: NegativeCache, report: Reporter) {
    this.#clock = clock;
    this.#sharedFlights = sharedFlights;
    this.#negative = negative;
    this.#report = report;
  }

  /**
   * Does work that needs the credentials. If the provider refuses them, they are fetched once more. If they have changed
   * since, the work is done once more with the new ones (case 70). If another process's token made up for the refusal, they
   * are fetched in the background.
   */
  async use<T>(source: RotatingSource, work: (current: TokenSource) => Promise<T>): Promise<T> {
    const current = await this.resolve(source);
    try {
      const result = await work(current);
      const error = this.#negative.peek(current.key)?.lastError;
      if (error?.code === "invalid_credentials") {
        this.resolve(source, { key: current.key, error }).catch(() => {});
      }
      return result;
    } catch (error) {
      if (!TokenError.is(error) || error.code !== "invalid_credentials") throw error;
      const next = await this.resolve(source, { key: current.key, error });
      if (next.key === current.key) throw error;
      return await work(next);
    }
  }

  /** @throws TokenError `credentials_unavailable` */
  resolve(source: RotatingSource, refusal?: { key: string; error: TokenError }): Promise<TokenSource> {
    return source.rotation.resolve({
      clock: this.#clock,
      sharedFlights: this.#sharedFlights,
      refusal,
      report: (outcome, durationMs) => {
        // These credentials may have been refused before, and corrected at the provider since.
        if (outcome === "changed") this.#negative.forgetRefusedCredentials(source.key);
        this.#report(source, { type: "credentials_fetched", outcome, durationMs });
      },
    });
  }
}

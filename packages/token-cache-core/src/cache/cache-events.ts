import type { CacheReadings, CacheWatcher, Telemetry } from "../contract/telemetry.ts";
import type { Reporter, TokenEvent, TokenObserver } from "../contract/token-events.ts";
import type { CachedToken } from "./cached-token.ts";
import { LookupCounts } from "./lookup-counts.ts";

/** Reports what happens to a cache's observer and telemetry, until the cache is closed. */
export class CacheEvents {
  readonly observer: TokenObserver | undefined;
  #watcher: CacheWatcher | undefined;
  /** Only with telemetry. */
  #lookups: LookupCounts | undefined;
  #isClosed = false;

  constructor(observer: TokenObserver | undefined) {
    this.observer = observer;
  }

  /** For metrics and traces. */
  get watcher(): CacheWatcher | undefined {
    return this.#watcher;
  }

  /** Begins to report to the telemetry. */
  watchedBy(telemetry: Telemetry, readings: Omit<CacheReadings, "lookups">): void {
    const lookups = new LookupCounts();
    this.#lookups = lookups;
    this.#watcher = telemetry.watch({ ...readings, lookups: () => lookups.read() });
  }

  /** A fresh token is handed out from memory. */
  hit(cached: CachedToken): void {
    this.#lookups?.hit(cached.provider);
    if (this.observer !== undefined) this.report(cached, { type: "hit", tokenId: cached.token.id });
  }

  /** A stale token is handed out from memory. */
  staleHit(cached: CachedToken): void {
    this.#lookups?.staleHit(cached.provider);
    if (this.observer !== undefined) this.report(cached, { type: "stale_hit", tokenId: cached.token.id });
  }

  readonly report: Reporter = ({ provider, key }, detail, flight) => {
    flight?.observe(detail);
    if (this.observer !== undefined || this.#watcher !== undefined) this.observe({ provider, key, ...detail });
  };

  observe(event: TokenEvent): void {
    if (this.#isClosed) return;
    this.#watcher?.observe(event);
    try {
      // An observer may be async. Its failures must neither reach the callers nor end the process (case 48).
      const returned: unknown = this.observer?.(event);
      if (returned !== undefined) Promise.resolve(returned).catch(() => {});
    } catch {
      // As above.
    }
  }

  /** Reports nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#watcher?.stop();
  }
}

import type { LookupReading } from "../contract/telemetry.ts";

interface LookupCount {
  readonly provider: string;
  hits: number;
  staleHits: number;
}

/** Counts cache hits by provider, for metrics: an increment costs a hit less than an event. */
export class LookupCounts {
  readonly #byProvider = new Map<string, LookupCount>();

  hit(provider: string): void {
    this.#of(provider).hits++;
  }

  staleHit(provider: string): void {
    this.#of(provider).staleHits++;
  }

  read(): Iterable<LookupReading> {
    return this.#byProvider.values();
  }

  #of(provider: string): LookupCount {
    return this.#byProvider.get(provider) ?? this.#add(provider);
  }

  #add(provider: string): LookupCount {
    const count = { provider, hits: 0, staleHits: 0 };
    this.#byProvider.set(provider, count);
    return count;
  }
}

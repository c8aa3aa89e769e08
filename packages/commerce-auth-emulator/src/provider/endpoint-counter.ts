import type { Endpoint } from "./provider.ts";

/** Counts requests per endpoint. */
export class EndpointCounter {
  readonly #counts = new Map<Endpoint, number>();

  add(endpoint: Endpoint): void {
    this.#counts.set(endpoint, this.of(endpoint) + 1);
  }

  of(endpoint: Endpoint): number {
    return this.#counts.get(endpoint) ?? 0;
  }

  clear(): void {
    this.#counts.clear();
  }
}

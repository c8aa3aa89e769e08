import type { Attributes } from "@opentelemetry/api";
import type { TokenEvent, TokenEventDetail } from "../contract/token-events.ts";
import { ATTRIBUTE, type Instruments } from "./metrics.ts";

/** Attributes that grow with the number of identities or routes are opt-in. */
export interface Detail {
  readonly perIdentity: boolean;
  readonly perLane: boolean;
}

/** The semantic conventions' value for everything beyond a limit of values. */
const OTHER = "_OTHER";

/** A store's errors can have any name. This many are distinguished. */
const MOST_STORE_ERRORS = 20;

/** Turns events into measurements. */
export class EventMetrics {
  /** Lookups that waited for a flight, by provider. They are read together with the cache hits. */
  readonly waits = new Map<string, number>();
  readonly #instruments: Instruments;
  readonly #storeErrors = new Set<string>();

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
  }

  observe(event: TokenEvent, detail: Detail): void {
    const { flightDuration, tokenRefusals, tokenEvictions, credentialFetches, storeFailures } = this.#instruments;
    const { laneWait, laneRefusals, laneWarnings } = this.#instruments;
    switch (event.type) {
      case "flight_started":
        if (!event.background) this.#waited(event.provider);
        this.#announce(event.provider);
        break;
      case "flight_joined":
        this.#waited(event.provider);
        break;
      case "issued":
      case "unchanged":
      case "adopted":
        flightDuration.record(event.durationMs / 1_000, { ...of(event, detail), [ATTRIBUTE.outcome]: event.type });
        break;
      case "renewal_failed": {
        const attributes = { [ATTRIBUTE.outcome]: outcomeOf(event), [ATTRIBUTE.error]: event.code };
        flightDuration.record(event.durationMs / 1_000, { ...of(event, detail), ...attributes });
        break;
      }
      case "refused":
        tokenRefusals.add(1, of(event, detail));
        break;
      case "evicted":
        tokenEvictions.add(1, { ...of(event, detail), [ATTRIBUTE.eviction]: event.reason });
        break;
      case "credentials_fetched":
        credentialFetches.add(1, { [ATTRIBUTE.provider]: event.provider, [ATTRIBUTE.fetched]: event.outcome });
        break;
      case "store_failed": {
        const error = this.#boundedStoreError(event.reason);
        storeFailures.add(1, { [ATTRIBUTE.operation]: event.operation, [ATTRIBUTE.error]: error });
        break;
      }
      case "call_waited":
        laneWait.record(event.waitedMs / 1_000, ofLane(event, detail));
        break;
      case "call_refused":
        laneRefusals.add(1, { ...ofLane(event, detail), [ATTRIBUTE.status]: event.status });
        break;
      case "limit_learnt":
        if (event.warning !== undefined) laneWarnings.add(1, ofLane(event, detail));
        break;
    }
  }

  #waited(provider: string): void {
    this.waits.set(provider, (this.waits.get(provider) ?? 0) + 1);
  }

  /** A counter that begins at 1 has not increased, for Prometheus. So one that stands for an alert begins at 0. */
  #announce(provider: string): void {
    this.#instruments.laneWarnings.add(0, { [ATTRIBUTE.provider]: provider });
  }

  #boundedStoreError(reason: string): string {
    if (this.#storeErrors.size < MOST_STORE_ERRORS) this.#storeErrors.add(reason);
    return this.#storeErrors.has(reason) ? reason : OTHER;
  }
}

/** The attributes of an identity's measurement. */
export function of({ provider, key }: { provider: string; key: string }, { perIdentity }: Detail): Attributes {
  return { [ATTRIBUTE.provider]: provider, ...(perIdentity && { [ATTRIBUTE.identity]: key }) };
}

/** The attributes of a lane's measurement. */
function ofLane({ provider, lane }: { provider: string; lane: string }, { perLane }: Detail): Attributes {
  return { [ATTRIBUTE.provider]: provider, ...(perLane && { [ATTRIBUTE.lane]: lane }) };
}

/** How a flight ended. */
export function outcomeOf(detail: TokenEventDetail): string {
  if (detail.type !== "renewal_failed") return detail.type;
  return detail.servedTokenId === undefined ? "failed" : "failed_token_kept";
}

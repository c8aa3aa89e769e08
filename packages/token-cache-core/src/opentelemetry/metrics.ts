import type { Counter, Histogram, Meter, Observable } from "@opentelemetry/api";

/** What is measured. The page docs/monitoring/README.md explains each metric. */
export const METRICS = {
  lookups: {
    kind: "observableCounter",
    name: "token_cache.lookups",
    unit: "{lookup}",
    description: "Calls for a token: answered from memory, fresh or stale, or by waiting for a flight.",
  },
  flightDuration: {
    kind: "histogram",
    name: "token_cache.flight.duration",
    unit: "s",
    description: "Duration of flights: one shared attempt to get a new token, retries and waits included.",
  },
  requestDuration: {
    kind: "histogram",
    name: "token_cache.request.duration",
    unit: "s",
    description: "Duration of token requests to the provider.",
  },
  tokens: {
    kind: "observableUpDownCounter",
    name: "token_cache.token.count",
    unit: "{token}",
    description: "Tokens in memory.",
  },
  remainingLifetime: {
    kind: "observableGauge",
    name: "token_cache.token.remaining_lifetime",
    unit: "s",
    description: "Remaining life of the shortest-lived token in use. Negative: it has expired.",
  },
  tokenRefusals: {
    kind: "counter",
    name: "token_cache.token.refusals",
    unit: "{token}",
    description: "Tokens that the API refused before their expiry.",
  },
  tokenEvictions: {
    kind: "counter",
    name: "token_cache.token.evictions",
    unit: "{token}",
    description: "Tokens that left memory before their expiry.",
  },
  failing: {
    kind: "observableUpDownCounter",
    name: "token_cache.renewal.failing",
    unit: "{identity}",
    description: "Identities whose last token request failed.",
  },
  failingLifetime: {
    kind: "observableGauge",
    name: "token_cache.renewal.remaining_lifetime",
    unit: "s",
    description: "Remaining life of the shortest-lived token whose renewal fails. 0: an identity has no usable token.",
  },
  credentialFetches: {
    kind: "counter",
    name: "token_cache.credentials.fetches",
    unit: "{fetch}",
    description: "Calls of the function in the option `credentials`.",
  },
  clockOffset: {
    kind: "observableGauge",
    name: "token_cache.clock.offset",
    unit: "s",
    description: "How far the provider's clock is ahead of this machine's.",
  },
  storeAvailable: {
    kind: "observableGauge",
    name: "token_cache.store.available",
    unit: "{store}",
    description: "1: the store's last operation succeeded. 0: it failed, and each process issues its own tokens.",
  },
  storeFailures: {
    kind: "counter",
    name: "token_cache.store.failures",
    unit: "{failure}",
    description: "Store operations that failed, and entries that are unreadable.",
  },
  laneWait: {
    kind: "histogram",
    name: "token_cache.lane.wait.duration",
    unit: "s",
    description: "Time that API calls waited for their turn. Calls that did not wait are not counted.",
  },
  laneRefusals: {
    kind: "counter",
    name: "token_cache.lane.refusals",
    unit: "{call}",
    description: "API calls that the provider refused for their rate.",
  },
  laneWarnings: {
    kind: "counter",
    name: "token_cache.lane.warnings",
    unit: "{warning}",
    description: "Answers whose rate limit is a bad sign, such as an early sign of a penalty.",
  },
  closedLanes: {
    kind: "observableUpDownCounter",
    name: "token_cache.lane.closed",
    unit: "{application}",
    description: "Applications whose quota is used up: all their lanes are closed.",
  },
} as const;

type Metrics = typeof METRICS;

interface InstrumentOf {
  readonly histogram: Histogram;
  readonly counter: Counter;
  readonly observableCounter: Observable;
  readonly observableUpDownCounter: Observable;
  readonly observableGauge: Observable;
}

/** One instrument for each metric. */
export type Instruments = { readonly [Name in keyof Metrics]: InstrumentOf[Metrics[Name]["kind"]] };

/** The buckets that the semantic conventions advise for the duration of HTTP requests, in seconds. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Creates the instruments at a meter. Throws what the meter throws. */
export function createInstruments(meter: Meter): Instruments {
  const entries = Object.entries(METRICS).map(([key, metric]) => [key, createInstrument(meter, metric)]);
  return Object.fromEntries(entries);
}

function createInstrument(meter: Meter, { kind, name, unit, description }: Metrics[keyof Metrics]) {
  const options = { unit, description };
  switch (kind) {
    case "histogram":
      return meter.createHistogram(name, { ...options, advice: { explicitBucketBoundaries: BOUNDARIES } });
    case "counter":
      return meter.createCounter(name, options);
    case "observableCounter":
      return meter.createObservableCounter(name, options);
    case "observableUpDownCounter":
      return meter.createObservableUpDownCounter(name, options);
    case "observableGauge":
      return meter.createObservableGauge(name, options);
  }
}

/** The attributes of metrics and spans. */
export const ATTRIBUTE = {
  provider: "token_cache.provider",
  result: "token_cache.lookup.result",
  outcome: "token_cache.flight.outcome",
  reason: "token_cache.flight.reason",
  background: "token_cache.flight.background",
  state: "token_cache.token.state",
  eviction: "token_cache.eviction.reason",
  fetched: "token_cache.credentials.outcome",
  operation: "token_cache.store.operation",
  providerCode: "token_cache.provider.code",
  traceId: "token_cache.provider.trace_id",
  identity: "token_cache.identity",
  lane: "token_cache.lane",
  error: "error.type",
  status: "http.response.status_code",
  server: "server.address",
} as const;

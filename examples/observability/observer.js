import { pino } from "pino";
import { Counter, Histogram } from "prom-client";

const logger = pino({ name: "tokens" });

const events = new Counter({
  name: "access_token_events_total",
  help: "What happened to access tokens, by provider",
  labelNames: ["provider", "type"],
});
const issueSeconds = new Histogram({
  name: "access_token_issue_seconds",
  help: "How long it took to get a token from a provider",
  labelNames: ["provider"],
  buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
});

const failures = new Set(["attempt_failed", "renewal_failed", "store_failed", "call_refused", "lanes_closed"]);
const rare = new Set(["issued", "unchanged", "adopted", "refused", "clock_synced", "limit_learnt", "lanes_opened"]);

/** An observer of a TokenCache. Events hold no token and no secret: log them as they are. */
export function observe(event) {
  events.inc({ provider: event.provider, type: event.type });
  if (event.type === "issued") issueSeconds.observe({ provider: event.provider }, event.durationMs / 1_000);
  // Alert on renewal_failed without servedTokenId: then callers get the error.
  if (failures.has(event.type)) logger.warn(event);
  else if (rare.has(event.type)) logger.info(event);
  else logger.debug(event);
}

import type { TokenEvent } from "@x/token-cache-core";

/** How an event feels: the page colours it by this. */
export type Tone = "quiet" | "good" | "busy" | "bad";

/** An event as the page shows it. Only ids stand for tokens. */
export interface EventText {
  readonly type: TokenEvent["type"];
  readonly text: string;
  readonly tone: Tone;
}

const REASONS = {
  missing: "there is no token",
  stale: "the token is due for renewal",
  expired: "the token has expired",
  forced: "it was asked for",
  refused: "the API refused the token",
} as const;

/** An event in words. */
export function eventText(event: TokenEvent): EventText {
  const { type } = event;
  switch (type) {
    case "hit":
      return { type, text: `${event.tokenId} from memory`, tone: "quiet" };
    case "stale_hit":
      return { type, text: `${event.tokenId} from memory, its renewal runs behind or is due`, tone: "quiet" };
    case "flight_started":
      return {
        type,
        text: `asks the provider${event.background ? " behind" : ""}: ${REASONS[event.reason]}`,
        tone: "busy",
      };
    case "flight_joined":
      return { type, text: "waits for the request that is under way", tone: "quiet" };
    case "attempt_failed":
      return { type, text: `${event.code}; tries again in ${Math.round(event.retryInMs)} ms`, tone: "bad" };
    case "issued":
      return { type, text: `${event.tokenId} is new, after ${Math.round(event.durationMs)} ms`, tone: "good" };
    case "adopted":
      return { type, text: `${event.tokenId} came from another process`, tone: "good" };
    case "store_failed":
      return { type, text: `the store failed at ${event.operation}: ${event.reason}`, tone: "bad" };
    case "unchanged":
      return { type, text: `${event.tokenId} came again, after ${Math.round(event.durationMs)} ms`, tone: "good" };
    case "renewal_failed": {
      const meanwhile =
        event.servedTokenId === undefined ? "callers get the error" : `${event.servedTokenId} is still good`;
      return { type, text: `${event.code}: ${meanwhile}`, tone: "bad" };
    }
    case "refused":
      return { type, text: `${event.tokenId} was refused by the API and dropped`, tone: "bad" };
    case "evicted":
      return { type, text: `${event.tokenId} left memory`, tone: "quiet" };
    case "call_waited":
      return { type, text: `${event.lane} waited ${Math.round(event.waitedMs)} ms for its turn`, tone: "quiet" };
    case "call_refused":
      return {
        type,
        text: `${event.lane} was refused for its rate; pauses ${Math.round(event.pauseMs)} ms`,
        tone: "bad",
      };
    case "limit_learnt":
      return { type, text: `${event.lane} may be called ${event.perSecond} times a second`, tone: "good" };
    case "lanes_closed":
      return { type, text: `no call for ${Math.round(event.forMs / 1_000)} s: ${event.message}`, tone: "bad" };
    case "lanes_opened":
      return { type, text: "calls are possible again", tone: "good" };
    case "clock_synced": {
      const seconds = Math.round((event.offset.lowerMs + event.offset.upperMs) / 2_000);
      return {
        type,
        text: `the server's clock is ${seconds === 0 ? "about right" : `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} ours`}`,
        tone: "busy",
      };
    }
  }
}

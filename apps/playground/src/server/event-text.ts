import type { CredentialsOutcome, TokenEvent } from "@x/token-cache-core";
import { duration, type Words } from "../chapters/words.ts";

/** The tone of an event, which decides its colour. */
export type Tone = "quiet" | "good" | "busy" | "bad";

/** An event as the page shows it. Only ids stand for tokens. */
export interface EventText {
  readonly type: TokenEvent["type"];
  readonly text: Words;
  readonly tone: Tone;
}

const REASONS = {
  missing: { en: "there is no token", ko: "토큰이 없음" },
  stale: { en: "the token is due for renewal", ko: "갱신할 때가 됨" },
  expired: { en: "the token has expired", ko: "토큰이 만료됨" },
  forced: { en: "it was asked for", ko: "강제 갱신" },
  refused: { en: "the API refused the token", ko: "API가 토큰을 거부함" },
} as const;

/** An event in words. */
export function eventText(event: TokenEvent): EventText {
  return { type: event.type, ...described(event) };
}

function described(event: TokenEvent): Omit<EventText, "type"> {
  switch (event.type) {
    case "hit":
      return quiet(`${event.tokenId} from memory`, `메모리에서 ${event.tokenId}`);
    case "stale_hit":
      return quiet(
        `${event.tokenId} from memory; its background refresh runs or is due`,
        `메모리에서 ${event.tokenId}. 백그라운드 갱신 중이거나 곧 갱신`,
      );
    case "flight_started": {
      const { en, ko } = REASONS[event.reason];
      const [behind, koBehind] = event.background ? [" in the background", "백그라운드에서 "] : ["", ""];
      return busy(`asks the provider${behind}: ${en}`, `${koBehind}토큰 요청: ${ko}`);
    }
    case "flight_joined":
      return quiet("waits for the request that is under way", "진행 중인 요청을 함께 기다림");
    case "attempt_failed": {
      const wait = duration(event.retryInMs);
      return bad(`${event.code}; retries in ${wait.en}`, `${event.code}. ${wait.ko} 뒤 재시도`);
    }
    case "issued": {
      const took = duration(event.durationMs);
      return good(`${event.tokenId} is new, after ${took.en}`, `새 토큰 ${event.tokenId}, ${took.ko} 걸림`);
    }
    case "unchanged": {
      const took = duration(event.durationMs);
      return good(`${event.tokenId} came again, after ${took.en}`, `같은 토큰 ${event.tokenId}, ${took.ko} 걸림`);
    }
    case "adopted":
      return good(`${event.tokenId} came from another process`, `다른 프로세스의 토큰 ${event.tokenId}`);
    case "store_failed":
      return bad(
        `the store failed at ${event.operation}: ${event.reason}`,
        `저장소 오류(${event.operation}): ${event.reason}`,
      );
    case "renewal_failed": {
      const { code, servedTokenId: served } = event;
      return served === undefined
        ? bad(`${code}: callers get the error`, `${code}: 호출이 오류를 받음`)
        : bad(`${code}: ${served} is still good`, `${code}: ${served}은 아직 유효함`);
    }
    case "credentials_fetched":
      return credentialsText(event.outcome);
    case "refused":
      return bad(`${event.tokenId} was refused by the API and dropped`, `API가 거부한 ${event.tokenId}을 버림`);
    case "evicted":
      return quiet(`${event.tokenId} left memory`, `${event.tokenId}이 메모리에서 나감`);
    case "call_waited": {
      const waited = duration(event.waitedMs);
      return quiet(`${event.lane} waited ${waited.en} for its turn`, `${event.lane}: 차례를 ${waited.ko} 기다림`);
    }
    case "call_refused": {
      const pause = duration(event.pauseMs);
      return bad(
        `${event.lane} exceeded the rate limit; pauses ${pause.en}`,
        `${event.lane}: 호출 한도를 넘어 ${pause.ko} 멈춤`,
      );
    }
    case "limit_learnt":
      return good(
        `${event.lane} may be called ${event.perSecond} times a second`,
        `${event.lane}: 초당 ${event.perSecond}번 호출 가능`,
      );
    case "lanes_closed": {
      const closed = duration(event.forMs);
      return bad(`no call for ${closed.en}: ${event.message}`, `${closed.ko} 동안 호출하지 않음: ${event.message}`);
    }
    case "lanes_opened":
      return good("calls are possible again", "다시 호출할 수 있음");
    case "clock_synced":
      return clockSynced((event.offset.lowerMs + event.offset.upperMs) / 2_000);
    default:
      return quiet(event satisfies never, "");
  }
}

function clockSynced(offsetSeconds: number): Omit<EventText, "type"> {
  const seconds = Math.round(offsetSeconds);
  if (seconds === 0) return busy("the server's clock is about right", "서버 시각과 거의 같음");
  const [en, ko] = seconds > 0 ? ["ahead of", "빠름"] : ["behind", "느림"];
  return busy(
    `the server's clock is ${Math.abs(seconds)} s ${en} ours`,
    `서버 시각이 이쪽보다 ${Math.abs(seconds)}초 ${ko}`,
  );
}

const toned = (tone: Tone) => (en: string, ko: string) => ({ tone, text: { en, ko } });
const [quiet, good, busy, bad] = [toned("quiet"), toned("good"), toned("busy"), toned("bad")];

function credentialsText(outcome: CredentialsOutcome) {
  switch (outcome) {
    case "first":
      return good("the credentials were fetched", "인증 정보를 가져옴");
    case "unchanged":
      return quiet("the credentials were fetched again and have not changed", "인증 정보를 다시 가져왔고 바뀌지 않음");
    case "changed":
      return good("the credentials have changed", "인증 정보가 바뀜");
    case "failed":
      return bad("the credentials could not be fetched", "인증 정보를 가져오지 못함");
  }
}

// Real processes: one of them killed, their Redis killed, and the limit that they share.

import { randomBytes } from "node:crypto";
import type { StoreChoice } from "../processes/order.ts";
import { firstCall } from "../story/scenes.ts";
import { atLeast } from "../story/step.ts";
import type { GuidedChapter } from "./guided-chapter.ts";
import { pause } from "./side.ts";
import { duration, number, plural } from "./words.ts";

const CALLERS_EACH = 50;

export const killedProcess: GuidedChapter = {
  id: "killed-process",
  byHand: "toss",
  title: { en: "Four processes, one killed while it asks", ko: "프로세스 네 개, 발급 중에 하나가 종료되면" },
  before: {
    en: "Four processes share a SQLite file, and the first is killed while it waits for the provider's answer.",
    ko: "프로세스 네 개가 SQLite 파일 하나를 공유하고, 첫 프로세스는 발급 응답을 기다리다 강제 종료됩니다.",
  },
  expected: {
    hand: { calls: 3 * CALLERS_EACH, failed: 0, requests: atLeast(3 * CALLERS_EACH) },
    ours: { calls: 3 * CALLERS_EACH, failed: 0, requests: 2 },
  },
  async play(side) {
    const { emulator } = side.stage;
    const [first, ...others] = await side.startWorkers(4, side.sqlite());
    if (first === undefined) return;
    const hung = emulator.fault({ endpoint: "toss.token", kind: "hang" });
    const lost = first.ask(CALLERS_EACH).catch(() => []);
    while (emulator.requestCount("toss.token") === 0) await pause(5);
    hung();
    emulator.fault({ endpoint: "toss.token", kind: "delay", ms: 300 });
    const asked = Promise.all(others.map((worker) => worker.ask(CALLERS_EACH)));
    await pause(300);
    await side.kill(first);
    await Promise.all([lost, asked]);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, no process knows of the others' token: ${number(hand.requests)} token requests. ` +
      `The package's processes wait for the one that asks; when its lease ended, another took over: ${plural(ours.requests, "request")}, ${plural(ours.failed, "failed call")}, ${duration(ours.longestWaitMs).en} at most.`,
    ko:
      `직접 짠 코드는 다른 프로세스의 토큰을 알 수 없어 발급 요청이 ${number(hand.requests)}건 나갔습니다. ` +
      `패키지에서는 한 프로세스만 요청하고 나머지는 기다리며, 그 임대(lease)가 끝나자 다른 프로세스가 이어받았습니다. 발급 요청 ${number(ours.requests)}건, 실패 ${number(ours.failed)}건, 최대 대기 ${duration(ours.longestWaitMs).ko}입니다.`,
  }),
};

export const redisKilled: GuidedChapter = {
  id: "redis-killed",
  byHand: "toss-redis",
  title: { en: "Redis killed and back", ko: "Redis가 종료됐다가 돌아올 때" },
  before: {
    en: "Three processes share their token by Redis, which is killed for two seconds; the third asks for the first time just then.",
    ko: "프로세스 세 개가 Redis로 토큰을 공유하는데 Redis가 2초 동안 멈추고, 그사이 셋째 프로세스가 처음으로 토큰을 요청합니다.",
  },
  needsRedis: true,
  expected: { hand: { calls: atLeast(100) }, ours: { calls: atLeast(100), failed: 0 } },
  async play(side) {
    const redis = await side.startRedis();
    const store: StoreChoice = { kind: "redis", url: redis.url, prefix: `play-${randomBytes(4).toString("hex")}:` };
    const [first, second, third] = await side.startWorkers(3, store);
    if (first === undefined || second === undefined || third === undefined) return;
    await Promise.all([first.ask(1), second.ask(1)]);
    const steadily = { rounds: 50, everyMs: 60 };
    const asked = [first.ask(2, steadily), second.ask(2, steadily)];
    await pause(400);
    await redis.stop();
    side.mark({ en: "Redis killed", ko: "Redis 종료" });
    await pause(300);
    asked.push(third.ask(2, { ...steadily, rounds: 20 }));
    await pause(1_700);
    await redis.restart();
    side.mark({ en: "Redis is back", ko: "Redis 복구" });
    await Promise.all(asked);
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, callers waited for Redis, up to ${duration(hand.longestWaitMs).en}, and ${number(hand.failed)} failed. ` +
      `The package gives a store 250 ms and continues without it: ${duration(ours.longestWaitMs).en} at most, ${plural(ours.failed, "failed call")}, ${plural(ours.requests, "token request")}.`,
    ko:
      `직접 짠 코드에서는 호출이 Redis를 최대 ${duration(hand.longestWaitMs).ko} 기다렸고 실패는 ${number(hand.failed)}건입니다. ` +
      `패키지는 저장소를 250 ms까지만 기다리고 없이 계속합니다. 최대 대기 ${duration(ours.longestWaitMs).ko}, 실패 ${number(ours.failed)}건, 발급 요청 ${number(ours.requests)}건입니다.`,
  }),
};

const EAGER_PROCESSES = 8;
const CALLS_EACH = 20;

export const callLimit: GuidedChapter = {
  id: "call-limit",
  byHand: "toss",
  title: { en: "The call limit, eight eager processes", ko: "호출 한도와 프로세스 여덟 개" },
  before: {
    en: "Toss was seen to allow a seller 50 reads a second, and eight processes send 20 calls each at the same moment.",
    ko: "토스쇼핑은 판매자마다 초당 50건까지 조회를 받는 것으로 알려져 있는데, 프로세스 여덟 개가 20건씩 한꺼번에 호출합니다.",
  },
  rules: { toss: { rateLimit: "seen" } },
  expected: {
    hand: { calls: EAGER_PROCESSES * (CALLS_EACH + 1), failed: atLeast(1) },
    ours: { calls: EAGER_PROCESSES * (CALLS_EACH + 1), failed: 0, requests: 1 },
  },
  async play(side) {
    const workers = await side.startWorkers(EAGER_PROCESSES, side.sqlite());
    // Each process has its token before: what remains are the calls.
    for (const worker of workers) await worker.ask(1);
    await Promise.all(workers.map((worker) => worker.call(CALLS_EACH, firstCall(side.stage, "toss"))));
  },
  after: ({ hand, ours }) => ({
    en:
      `By hand, Toss refused ${number(hand.failed)} of ${number(hand.calls)} calls. ` +
      `The package's processes take turns by the file that they share: ${number(ours.failed)} refused, and the last call waited ${duration(ours.longestWaitMs).en}.`,
    ko:
      `직접 짠 코드에서는 호출 ${number(hand.calls)}건 중 ${number(hand.failed)}건을 토스쇼핑이 거부했습니다. ` +
      `패키지의 프로세스들은 공유 파일로 차례를 정해 거부가 ${number(ours.failed)}건이고, 마지막 호출은 ${duration(ours.longestWaitMs).ko} 기다렸습니다.`,
  }),
};

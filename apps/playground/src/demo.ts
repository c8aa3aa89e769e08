// `npm run demo`: plays the story once and ends. Exit code 0 only if everything in it held.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Fault } from "@x/commerce-auth-emulator";
import { languageOf, type Words } from "./chapters/words.ts";
import { findRedisProgram, RedisServer } from "./processes/redis-server.ts";
import { allChapters } from "./story/chapters.ts";
import { playStory } from "./story/play.ts";
import { Report } from "./story/report.ts";
import { SecretWatch } from "./story/secret-watch.ts";

const USAGE = `npm run demo                     plays the story and prints it
npm run demo -- --lang ko        in Korean; without it in the language of the environment (LC_ALL, LANG)
npm run demo -- --only NAME      plays the chapters whose steps' names begin so: guided, toss, redis …
npm run demo -- --json           prints one JSON object instead: per step what was expected, what was seen,
                                 whether it held, and the requests that reached each token endpoint
npm run demo -- --fault '{"endpoint": "toss.token", "kind": "html"}'
                                 plays it with a fault in the packages' emulators; may be repeated
`;

const NO_REDIS: Words = {
  en: "Left out: Redis, since no redis-server is on the PATH. Install it, or set REDIS_URL to one that runs.",
  ko: "제외: PATH에 redis-server가 없어 Redis는 건너뛰었습니다. 설치하거나 REDIS_URL에 실행 중인 서버를 지정하세요.",
};

const NO_KILLING: Words = {
  en: "Left out: killing Redis, since no redis-server is on the PATH, and the one of REDIS_URL is not ours to kill.",
  ko: "제외: PATH에 redis-server가 없어 Redis를 종료하는 장은 건너뛰었습니다. REDIS_URL의 서버는 종료하지 않습니다.",
};

// `npm run demo | head`: the reader has seen enough.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => process.exit(code === "EPIPE" ? 0 : 1));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      lang: { type: "string", default: process.env["LC_ALL"] || process.env["LANG"] || "en" },
      only: { type: "string", default: "" },
      fault: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = { faults: values.fault.map((text) => JSON.parse(text) as Fault), only: values.only };
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  const redisProgram = findRedisProgram(process.env);
  await using ends = new AsyncDisposableStack();
  const redisUrl = await redisFor(folder, redisProgram, ends);
  const chapters = allChapters({ folder, redisProgram }, redisUrl);
  const leftOut = redisUrl === undefined ? [NO_REDIS] : redisProgram === undefined ? [NO_KILLING] : [];
  const story = { secrets: new SecretWatch(), traces: [] as string[], leftOut };
  if (values.json) {
    const result = await playStory(chapters, story, {}, options);
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    return result.held ? 0 : 1;
  }
  const report = new Report(process.stdout, languageOf(values.lang), (text) => story.traces.push(text));
  report.opening();
  const listener = { chapter: report.chapter.bind(report), step: report.step.bind(report) };
  const result = await playStory(chapters, story, listener, options);
  report.closing(result);
  return result.held ? 0 : 1;
}

/** The Redis that \`REDIS_URL\` names; else a private one, if a server's program is found; else none. */
async function redisFor(folder: string, program: string | undefined, ends: AsyncDisposableStack) {
  const url = process.env["REDIS_URL"];
  if (url || program === undefined) return url || undefined;
  const redis = await RedisServer.start(program, folder);
  ends.defer(() => redis.stop());
  return redis.url;
}

// `npm run demo`: plays the story once and ends. Exit code 0 only if everything in it held.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Fault } from "@x/commerce-auth-emulator";
import { allChapters } from "./story/chapters.ts";
import { playStory } from "./story/play.ts";
import { findRedis } from "./story/redis-server.ts";
import { Report } from "./story/report.ts";
import { SecretWatch } from "./story/secret-watch.ts";

const USAGE = `npm run demo                     plays the story and prints it
npm run demo -- --json           prints one JSON object instead: per step what was expected, what was seen,
                                 whether it held, and the requests that reached each token endpoint
npm run demo -- --fault '{"endpoint": "toss.token", "kind": "html"}'
                                 plays it with a fault in every emulator, to see it fail; may be repeated
`;

const NO_REDIS = "Redis, since no redis-server is on the PATH. Install it, or set REDIS_URL to one that runs.";

// `npm run demo | head`: whoever reads has seen enough.
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
      fault: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const faults = values.fault.map((text) => JSON.parse(text) as Fault);
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));
  await using redis = await findRedis(folder, process.env);
  const chapters = allChapters(folder, redis?.url);
  const leftOut = redis === undefined ? [NO_REDIS] : [];
  const story = { secrets: new SecretWatch(), traces: [] as string[], leftOut };
  if (values.json) {
    const result = await playStory(chapters, story, {}, faults);
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    return result.held ? 0 : 1;
  }
  const report = new Report(process.stdout, (text) => story.traces.push(text));
  report.opening();
  const listener = { chapter: report.chapter.bind(report), step: report.step.bind(report) };
  const result = await playStory(chapters, story, listener, faults);
  report.closing(result);
  return result.held ? 0 : 1;
}

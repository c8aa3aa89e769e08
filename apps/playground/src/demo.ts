// `npm run demo`: plays the story once and ends. Exit code 0 only if everything in it held.

import { parseArgs } from "node:util";
import type { Fault } from "@x/commerce-auth-emulator";
import { chapters } from "./story/chapters.ts";
import { playStory } from "./story/play.ts";
import { Report } from "./story/report.ts";
import { SecretWatch } from "./story/secret-watch.ts";

const USAGE = `npm run demo                     plays the story and prints it
npm run demo -- --json           prints one JSON object instead: per step what was expected, what was seen,
                                 whether it held, and the requests that reached each token endpoint
npm run demo -- --fault '{"endpoint": "toss.token", "kind": "html"}'
                                 plays it with a fault in every emulator, to see it fail; may be repeated
`;

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
  const story = { secrets: new SecretWatch(), traces: [] as string[] };
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

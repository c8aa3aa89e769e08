// `pnpm --filter playground build:recorded`: plays every chapter once and records it, for the page that runs without a
// server.

import { mkdir, writeFile } from "node:fs/promises";
import { CHAPTER_IDS } from "./chapters/chapter-ids.ts";
import { StoryPlayer } from "./server/story-player.ts";

const folder = new URL("../dist/recording/", import.meta.url);

await using player = new StoryPlayer();
for (const id of CHAPTER_IDS) {
  await player.play(id);
  const outcome = player.snapshot().outcomes[id];
  console.log(`${outcome?.held ? "✓" : "✗"} ${id}`);
  if (!outcome?.held)
    throw new Error(`The chapter ${id} did not hold. Record it again on a machine that is less busy.`);
}
const { leftOut } = player.snapshot();
if (leftOut.length > 0) throw new Error(`Install redis-server, to record ${leftOut.join(", ")} too.`);
const recording = { story: player.snapshot(), timelines: player.timelines() };
await mkdir(folder, { recursive: true });
await writeFile(new URL("recording.json", folder), JSON.stringify(recording, toTenths));

/** Tenths of a millisecond are enough. */
function toTenths(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 10) / 10 : value;
}

// `pnpm --filter playground frames`: how many frames a second the timeline draws with 10,000 callers, while more come.

import { findChromium } from "@x/testing/chromium";
import { BrowserPage } from "./browser.test-support.ts";
import type { TimelineRecord } from "./chapters/timeline.ts";
import { Show } from "./server/show.ts";
import type { SidedRecord } from "./server/story-player.ts";
import { WebServer } from "./server/web-server.ts";

const CALLERS = 10_000;
const LANES = 8;
const SECONDS = 5;
/** Records come as fast as the server sends them. */
const EVERY_MS = 50;

const chromium = findChromium();
if (chromium === undefined) throw new Error("Chromium is not there: set CHROMIUM, or put chromium on the PATH.");

await using show = await Show.emulated();
await using server = await WebServer.listen(show, 0);
await using page = await BrowserPage.open(chromium, `${server.origin}/#play`);
await page.view({ width: 1_280, height: 900 });
await page.until("document.querySelectorAll('.card').length === 3");

const send = (records: SidedRecord[]) => show.onTimeline({ chapter: "processes", play: 1, records });
const call = (index: number, from: number): SidedRecord => {
  const record: TimelineRecord = { type: "call", lane: `${(index % LANES) + 1}`, from, to: from + 200 + (index % 700) };
  return ["ours", record];
};
send(Array.from({ length: CALLERS }, (_, index) => call(index, index)));
await page.until("document.querySelector('.processes canvas')");

await page.evaluate(`(() => {
  window.frames_ = [];
  const note = (at) => {
    window.frames_.push(at);
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
})()`);
const taskSeconds = async () => {
  const { metrics } = await page.send<{ metrics: { name: string; value: number }[] }>("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
};
// The time that the page's thread had, however busy the machine is.
await page.send("Performance.enable", { timeDomain: "threadTicks" });
const before = await taskSeconds();
const startedAt = performance.now();
for (let index = 0; performance.now() - startedAt < SECONDS * 1_000; index++) {
  send([call(index, CALLERS + index * EVERY_MS)]);
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
}
const busyMs = ((await taskSeconds()) - before) * 1_000;
const frames = await page.evaluate<number[]>("window.frames_");
const seconds = ((frames.at(-1) ?? 0) - (frames[0] ?? 0)) / 1_000;
console.log(
  `${CALLERS} callers, and more coming: ${Math.round(frames.length / seconds)} frames a second here and now.`,
);
console.log(
  `The page's thread works ${(busyMs / frames.length).toFixed(1)} ms a frame; 60 frames a second leave it 16.7 ms.`,
);

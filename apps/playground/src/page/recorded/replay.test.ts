import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { PageState } from "../connection.ts";
import { type Recording, replaying } from "./replay.ts";

const id = "thousand-callers";
const words = { en: "", ko: "" };
const tally = { calls: 1, failed: 0, requests: 1, refusals: 0, longestWaitMs: 300, problems: {} };
const RECORDING: Recording = {
  story: {
    chapters: [{ id, title: words, before: words, byHand: "toss" }],
    playing: undefined,
    leftOut: [],
    problem: undefined,
    outcomes: { [id]: { tallies: { hand: tally, ours: tally }, after: words, held: true } },
  },
  timelines: [
    {
      chapter: id,
      play: 7,
      records: [
        ["ours", { type: "call", lane: "app", from: 0, to: 300 }],
        ["ours", { type: "asking", lane: "app", at: 10 }],
      ],
    },
  ],
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

it("plays a recorded chapter at its own speed, and shows the outcome at its end", async () => {
  let state: PageState | undefined;
  const { send, close } = replaying(RECORDING)((now) => {
    state = now;
  });
  const story = () => state?.snapshot?.story;
  const heard = () => state?.timelines[id]?.records.map(([, { type }]) => type);
  expect(story()?.outcomes).toEqual({});

  await send({ action: "play", chapter: id });
  await send({ action: "play", chapter: id }); // one at a time
  expect([story()?.playing, heard()]).toEqual([id, []]);
  vi.advanceTimersByTime(250);
  expect([story()?.playing, heard()]).toEqual([id, ["asking"]]);
  vi.advanceTimersByTime(100);
  expect([story()?.playing, heard()]).toEqual([undefined, ["asking", "call"]]);
  expect(story()?.outcomes).toEqual(RECORDING.story.outcomes);

  await send({ action: "play", chapter: id });
  expect([story()?.outcomes, heard(), state?.timelines[id]?.play]).toEqual([{}, [], 2]);
  close();
  expect(vi.getTimerCount()).toBe(0);
});

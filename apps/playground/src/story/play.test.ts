import { describe, expect, it } from "vitest";
import { playStory } from "./play.ts";
import { SecretWatch } from "./secret-watch.ts";
import { secrecy } from "./secrets.ts";
import { atMost, type Chapter, step } from "./step.ts";

const NOTHING = { en: "", ko: "" };

const newStory = () => ({ secrets: new SecretWatch(), traces: [] as string[] });

/** A chapter of one step, which requests one token. */
function chapter(run: () => Promise<{ answer: number }>, expected: number, requests = 1): Chapter {
  return {
    title: NOTHING,
    steps: (stage) => {
      const auth = stage.toss();
      return [
        step({
          name: "one: step",
          shows: NOTHING,
          expected: { answer: expected },
          tokenRequests: { toss: requests },
          async run() {
            await auth.getToken();
            return run();
          },
        }),
      ];
    },
  };
}

describe("playing a story", () => {
  it("holds if facts and requests are the expected ones", async () => {
    const story = await playStory([chapter(async () => ({ answer: 42 }), 42)], newStory());
    expect(story).toMatchObject({ held: true, tokenRequests: { toss: 1, naver: 0, iamport: 0 }, calls: 1 });
  });

  it.each([
    ["a fact is another one", chapter(async () => ({ answer: 41 }), 42)],
    ["the number of requests is another one", chapter(async () => ({ answer: 42 }), 42, 2)],
    ["a step throws", chapter(() => Promise.reject(new Error("no")), 42)],
  ])("does not hold if %s", async (_, broken) => {
    expect((await playStory([broken], newStory())).held).toBe(false);
  });

  it("does not hold if there are no steps", async () => {
    expect((await playStory([], newStory())).held).toBe(false);
  });

  it("continues after a step that failed", async () => {
    const good = chapter(async () => ({ answer: 42 }), 42);
    const story = await playStory([chapter(() => Promise.reject(new Error("no")), 42), good], newStory());
    expect(story.steps.map(({ held }) => held)).toEqual([false, true]);
  });

  it("finds a secret that anything printed", async () => {
    const story = newStory();
    const leaking: Chapter = {
      title: NOTHING,
      steps: (stage) => [
        step({
          name: "leak: one",
          shows: NOTHING,
          expected: { printed: 0 },
          tokenRequests: { toss: 1 },
          async run() {
            story.traces.push(`the token is ${(await stage.toss().getToken()).value}`);
            return { printed: 0 };
          },
        }),
      ],
    };
    const { steps } = await playStory([leaking, secrecy], story);
    expect(steps.at(-1)?.seen["kinds of secrets found"]).toBe(1);
  });

  it("accepts any value in a range", () => {
    expect([3, 4, 5, "4"].map((seen) => atMost(4).holds(seen))).toEqual([true, true, false, false]);
  });
});

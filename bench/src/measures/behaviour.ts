import { runChild } from "../child-process.ts";
import type { BadDay, BadDayInput, BadDayResult } from "../children/bad-day.ts";
import type { RenewalInput, RenewalResult } from "../children/renewal.ts";
import { contenders, loadContender, OURS } from "../contenders/registry.ts";
import { failure } from "../figures.ts";
import type { Measure } from "../measure.ts";

interface Scene {
  readonly title: string;
  readonly right: string;
  readonly isQuick: boolean;
  play(contender: string, origin: string): Promise<BadDayResult>;
}

const scenes: readonly Scene[] = [
  {
    title: "The renewal gets a 500 while the token is still good",
    right: "the callers get the token that is good",
    isQuick: true,
    async play(contender, origin) {
      if (!(await loadContender(contender)).keepsTokens) return { outcome: "keeps no token", isRight: undefined };
      const input: RenewalInput = { contender, origin, answers: "fail" };
      const { beforeEndSeconds, failed, waited } = await runChild<RenewalResult>("renewal", input);
      // It asks only when the token is over, so there is no such moment.
      if (beforeEndSeconds === undefined) return { outcome: "does not renew before the end", isRight: undefined };
      if (failed > 0) return { outcome: `${failed} of 100 get the error`, isRight: false };
      return { outcome: waited > 0 ? `all get it, ${waited} wait` : "all get it at once", isRight: true };
    },
  },
  badDay("hang", "The endpoint does not answer", "an error, well before half a minute", false),
  badDay("html", "A page in HTML, with status 200", "an error, never undefined as a token", true),
  badDay("error-with-200", "An error body, with status 200", "an error, never undefined as a token", true),
  badDay(
    "retry-after",
    "429 with Retry-After: 2, then well again",
    "asks no sooner than 2 s later, and serves then",
    false,
  ),
  badDay("callers-on-500", "100 callers at once on a 500", "3 requests at most, however many callers", true),
  badDay("refused-token", "An API call refuses the token", "one renewal, and the call is sent again", true),
  badDay("printed-error", "The error, printed in full", "does not hold the client secret", true),
];

export const behaviour: Measure = {
  name: "behaviour",
  title: "Against an endpoint that misbehaves",
  explanation:
    "Each contender in a process of its own against the same misbehaving endpoint, and what came of it. Every cell is " +
    "what the run saw. ✓ is right, ✗ is not; without a mark it does not apply.",
  isQuick: true,
  async run({ quick, server, progress }) {
    const names = contenders.map(({ name }) => name).filter((name) => !quick || name === OURS);
    const played = scenes.filter(({ isQuick }) => isQuick || !quick);
    const found = new Map<Scene, readonly BadDayResult[]>();
    for (const scene of played) {
      progress(scene.title);
      // Most of it is waiting, and all wait at the same time.
      found.set(scene, await Promise.all(names.map((name) => playSafely(scene, name, server.origin))));
    }
    const resultsOf = (scene: Scene) => found.get(scene) ?? [];
    return {
      data: Object.fromEntries(
        played.map((scene) => [
          scene.title,
          Object.fromEntries(resultsOf(scene).map((result, index) => [names[index], result])),
        ]),
      ),
      tables: played.map((scene) => ({
        title: `${scene.title}. Right: ${scene.right}.`,
        columns: ["", "what happens", ""],
        rows: resultsOf(scene).map(({ outcome, isRight }, index) => [names[index] ?? "", outcome, mark(isRight)]),
      })),
      targets: played.map((scene) => {
        const { outcome, isRight } = resultsOf(scene)[names.indexOf(OURS)] ?? { outcome: "", isRight: undefined };
        return { wanted: `right: ${scene.title}`, reached: outcome, isMet: isRight === true, isExact: true };
      }),
    };
  },
};

async function playSafely(scene: Scene, name: string, origin: string): Promise<BadDayResult> {
  try {
    return await scene.play(name, origin);
  } catch (error) {
    return { outcome: failure(error), isRight: undefined };
  }
}

function badDay(day: BadDay, title: string, right: string, isQuick: boolean): Scene {
  return {
    title,
    right,
    isQuick,
    play(contender, origin) {
      const input: BadDayInput = { contender, origin, day };
      return runChild<BadDayResult>("bad-day", input);
    },
  };
}

function mark(isRight: boolean | undefined): string {
  if (isRight === undefined) return "";
  return isRight ? "✓" : "✗";
}

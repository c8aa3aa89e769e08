import type { GuidedChapter, GuidedOutcome } from "../chapters/guided-chapter.ts";
import { COUNTED_FACTS, playChapter } from "../chapters/guided-chapter.ts";
import type { Means } from "../chapters/side.ts";
import { SIDES } from "../chapters/timeline.ts";
import type { Stage } from "./stage.ts";
import type { Chapter, Expected, Step, Story, Value } from "./step.ts";

/** A guided chapter as a chapter of the demo: its expectations become facts, by hand and with the package. */
export function guided(chapter: GuidedChapter, means: Means): Chapter {
  const { title, rules } = chapter;
  return { title, ...(rules && { rules }), steps: (stage, story) => [guidedStep(chapter, means, stage, story)] };
}

function guidedStep(chapter: GuidedChapter, means: Means, stage: Stage, { secrets }: Story): Step {
  let outcome: GuidedOutcome | undefined;
  return {
    name: `guided: ${chapter.id}`,
    shows: chapter.before,
    expected: Object.fromEntries(eachFact((side, fact) => chapter.expected[side][fact])),
    async run() {
      outcome = await playChapter(chapter, { ...means, secrets, ours: stage });
      const { tallies } = outcome;
      return Object.fromEntries(
        eachFact((side, fact) => (chapter.expected[side][fact] === undefined ? undefined : tallies[side][fact])),
      ) as Record<string, Value>;
    },
    tells: () => outcome?.after,
  };
}

const SIDE_NAMES = { hand: "by hand", ours: "package" };
const FACT_NAMES = { calls: "calls", failed: "failed calls", requests: "token requests", refusals: "refused tokens" };

function eachFact<Fact extends Expected>(
  what: (side: (typeof SIDES)[number], fact: (typeof COUNTED_FACTS)[number]) => Fact | undefined,
): [string, Fact][] {
  return SIDES.flatMap((side) =>
    COUNTED_FACTS.flatMap((fact): [string, Fact][] => {
      const value = what(side, fact);
      return value === undefined ? [] : [[`${SIDE_NAMES[side]}: ${FACT_NAMES[fact]}`, value]];
    }),
  );
}

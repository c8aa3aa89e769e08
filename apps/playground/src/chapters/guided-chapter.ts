import type { Provider } from "@x/commerce-auth-emulator";
import type { SecretWatch } from "../story/secret-watch.ts";
import { type Rules, Stage } from "../story/stage.ts";
import { type Expected, holds } from "../story/step.ts";
import type { ChapterId } from "./chapter-ids.ts";
import { type Means, Side } from "./side.ts";
import { SIDES, type SideName, type Tally, type TimelineRecord, tallyOf } from "./timeline.ts";
import type { Words } from "./words.ts";

/** What is expected of a side. */
type ExpectedTally = Readonly<Partial<Record<CountedFact, Expected>>>;

export const COUNTED_FACTS = ["calls", "failed", "requests", "refusals"] as const;

type CountedFact = (typeof COUNTED_FACTS)[number];

export type ByHand = Provider | "toss-redis";

/** A chapter of the guided story: the same traffic, by hand and through the package. */
export interface GuidedChapter {
  readonly id: ChapterId;
  /** The hand-written lines that this chapter runs: for this provider, in memory or by Redis. */
  readonly byHand: ByHand;
  readonly title: Words;
  /** Says what is about to happen. */
  readonly before: Words;
  readonly rules?: Rules;
  readonly needsRedis?: true;
  /** The sides play one after the other: at the same time, one would slow the other down. */
  readonly inTurn?: true;
  /** Checked after every play: a story that does not hold says so. */
  readonly expected: Readonly<Record<SideName, ExpectedTally>>;
  play(side: Side): Promise<void>;
  /** What happened and why, with the numbers of this play. */
  after(tallies: Readonly<Record<SideName, Tally>>): Words;
}

/** The outcome of a play. */
export interface GuidedOutcome {
  readonly tallies: Readonly<Record<SideName, Tally>>;
  readonly after: Words;
  readonly held: boolean;
}

export interface PlayListener {
  record?(side: SideName, record: TimelineRecord): void;
}

/** Plays both sides at the same time, each on a stage of its own. `ours`: a stage that is open already. */
export async function playChapter(
  chapter: GuidedChapter,
  means: Means & { readonly secrets: SecretWatch; readonly ours?: Stage },
  listener: PlayListener = {},
): Promise<GuidedOutcome> {
  await using hand = await Stage.open(means.secrets, chapter.rules);
  await using ownOurs = means.ours ? undefined : await Stage.open(means.secrets, chapter.rules);
  const stages = { hand, ours: means.ours ?? ownOurs ?? hand };
  const meeting = new Meeting();
  const provider = chapter.byHand === "toss-redis" ? "toss" : chapter.byHand;
  const play = async (name: SideName) => {
    const own = { ...means, provider, meet: meeting.arrive };
    const side = new Side(name, stages[name], own, (record) => listener.record?.(name, record));
    await chapter.play(side).finally(meeting.leave);
    return side;
  };
  const ours = play("ours");
  if (chapter.inTurn) await ours;
  const [byHand, byPackage] = await Promise.all([play("hand"), ours]);
  const tallies = { hand: tallyOf(byHand.records), ours: tallyOf(byPackage.records) };
  return { tallies, after: chapter.after(tallies), held: SIDES.every((name) => hold(chapter, name, tallies[name])) };
}

/** Lets the two sides wait for each other, until one has ended. */
class Meeting {
  #isOver = false;
  #waiting: (() => void) | undefined;

  readonly arrive = (): Promise<void> =>
    new Promise((resolve) => {
      const other = this.#waiting;
      this.#waiting = undefined;
      if (other === undefined && !this.#isOver) {
        this.#waiting = resolve;
        return;
      }
      other?.();
      resolve();
    });

  readonly leave = (): void => {
    this.#isOver = true;
    this.#waiting?.();
  };
}

function hold({ expected }: GuidedChapter, side: SideName, tally: Tally): boolean {
  return COUNTED_FACTS.every((fact) => {
    const wanted = expected[side][fact];
    return wanted === undefined || holds(wanted, tally[fact]);
  });
}

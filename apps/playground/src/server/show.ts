import { PROVIDERS } from "@x/commerce-auth-emulator";
import { CHAPTER_IDS, type ChapterId } from "../chapters/chapter-ids.ts";
import { act, isActionName } from "./actions.ts";
import { Playground, type Snapshot } from "./playground.ts";
import { ProcessGroup, type ProcessSnapshot } from "./process-group.ts";
import { StoryPlayer, type StorySnapshot, type TimelinePart } from "./story-player.ts";

/** Everything that the page shows. With real providers there is no story, and there are no processes. */
export interface ShowSnapshot extends Snapshot {
  readonly story: StorySnapshot | undefined;
  readonly processes: ProcessSnapshot | undefined;
}

/** What a button of the page asks for. */
export interface Command {
  readonly action?: unknown;
  readonly provider?: unknown;
  readonly chapter?: unknown;
  readonly lane?: unknown;
}

/** What the page plays with: the story, the cards of the providers, and processes. */
export class Show implements AsyncDisposable {
  readonly playground: Playground;
  onChange: () => void = () => {};
  onTimeline: (part: TimelinePart) => void = () => {};
  readonly #story: StoryPlayer | undefined;
  readonly #processes: ProcessGroup | undefined;
  #processPlays = 1;
  #processRecords: TimelinePart["records"][number][] = [];

  static async emulated(): Promise<Show> {
    return new Show(await Playground.emulated(), new StoryPlayer(), new ProcessGroup());
  }

  static live(environment: NodeJS.ProcessEnv): Show {
    return new Show(Playground.live(environment));
  }

  private constructor(playground: Playground, story?: StoryPlayer, processes?: ProcessGroup) {
    this.playground = playground;
    this.#story = story;
    this.#processes = processes;
    const changed = () => this.onChange();
    playground.onChange = changed;
    if (story === undefined || processes === undefined) return;
    story.onChange = changed;
    story.onRecords = (part) => this.onTimeline(part);
    processes.onChange = changed;
    processes.onRecord = (record) => {
      this.#processRecords.push(record);
      this.onTimeline({ chapter: "processes", play: this.#processPlays, records: [record] });
    };
    processes.onReset = () => {
      this.#processPlays += 1;
      this.#processRecords = [];
      this.onTimeline(this.#processTimeline());
    };
  }

  snapshot(): ShowSnapshot {
    return {
      ...this.playground.snapshot(),
      story: this.#story?.snapshot(),
      processes: this.#processes?.snapshot(),
    };
  }

  /** All timelines so far, for a page that has just been opened. */
  timelines(): readonly TimelinePart[] {
    return [...(this.#story?.timelines() ?? []), this.#processTimeline()];
  }

  /**
   * Carries out a button's command. The outcome is in the next snapshots.
   *
   * @returns what is wrong with the command; `undefined` once it is done, or once a long one has begun
   */
  async carryOut({ action, provider, chapter, lane }: Command): Promise<string | undefined> {
    if (action === "play") return this.#play(chapter);
    if (typeof action === "string" && Object.hasOwn(PROCESS_ACTIONS, action)) {
      return this.#processAction(PROCESS_ACTIONS[action as keyof typeof PROCESS_ACTIONS], lane);
    }
    if (!isActionName(action)) return "There is no such action.";
    const found = PROVIDERS.find((each) => each === provider);
    if (provider !== undefined && found === undefined) return "There is no such provider.";
    await act(this.playground, action, found);
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(
      [this.playground, this.#story, this.#processes].map((each) => each?.[Symbol.asyncDispose]()),
    );
  }

  #play(chapter: unknown): string | undefined {
    const id = CHAPTER_IDS.find((each): each is ChapterId => each === chapter);
    if (id === undefined) return "There is no such chapter.";
    void this.#story?.play(id);
    return undefined;
  }

  async #processAction(run: ProcessAction, lane: unknown): Promise<string | undefined> {
    if (lane !== undefined && typeof lane !== "string") return "There is no such process.";
    if (this.#processes !== undefined) await run(this.#processes, lane ?? "");
    return undefined;
  }

  #processTimeline(): TimelinePart {
    return { chapter: "processes", play: this.#processPlays, records: this.#processRecords };
  }
}

type ProcessAction = (processes: ProcessGroup, lane: string) => Promise<void>;

const PROCESS_ACTIONS = {
  "process-start": (processes) => processes.start(),
  "process-kill": (processes, lane) => processes.kill(lane),
  "process-restart": (processes, lane) => processes.restart(lane),
  "process-ask": (processes) => processes.ask(),
  "process-call": (processes) => processes.call(),
  "process-revoke": (processes) => processes.revoke(),
  "process-reset": (processes) => processes.reset(),
  "use-sqlite": (processes) => processes.useStore("sqlite"),
  "use-redis": (processes) => processes.useStore("redis"),
  "redis-kill": (processes) => processes.killRedis(),
  "redis-restart": (processes) => processes.restartRedis(),
} satisfies Record<string, ProcessAction>;

/** The actions of the buttons of the processes. */
export type ProcessActionName = keyof typeof PROCESS_ACTIONS;

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GUIDED_CHAPTERS } from "../chapters/all.ts";
import type { ChapterId } from "../chapters/chapter-ids.ts";
import { type GuidedChapter, type GuidedOutcome, playChapter } from "../chapters/guided-chapter.ts";
import type { SideName, TimelineRecord } from "../chapters/timeline.ts";
import { findRedisProgram } from "../processes/redis-server.ts";
import { SecretWatch } from "../story/secret-watch.ts";

/** A record as it goes to the page. */
export type SidedRecord = readonly [SideName, TimelineRecord];

/** The timeline's owner: a chapter, or the processes of the free play. */
export type TimelineId = ChapterId | "processes";

/** Records of one play, in the order in which they came. */
export interface TimelinePart {
  readonly chapter: TimelineId;
  /** Counts the plays: records of another play replace what was there. */
  readonly play: number;
  readonly records: readonly SidedRecord[];
}

/** What the page shows of the story, besides the timelines. */
export interface StorySnapshot {
  readonly chapters: readonly Pick<GuidedChapter, "id" | "title" | "before" | "byHand">[];
  readonly playing: ChapterId | undefined;
  /** Chapters that cannot be played on this machine: there is no Redis. */
  readonly leftOut: readonly ChapterId[];
  readonly outcomes: Readonly<Partial<Record<ChapterId, GuidedOutcome>>>;
  /** Why the last play could not be finished. */
  readonly problem: string | undefined;
}

/** Plays the guided chapters for the page, one at a time, and keeps each one's last play. A play ends with the program. */
export class StoryPlayer implements AsyncDisposable {
  onChange: () => void = () => {};
  onRecords: (part: TimelinePart) => void = () => {};
  readonly #folder = mkdtempSync(join(tmpdir(), "playground-"));
  readonly #redisProgram = findRedisProgram(process.env);
  readonly #plays = new Map<ChapterId, TimelinePart & { readonly records: SidedRecord[] }>();
  readonly #outcomes: Partial<Record<ChapterId, GuidedOutcome>> = {};
  #playing: ChapterId | undefined;
  #problem: string | undefined;
  #count = 0;

  /** Plays a chapter, unless one is being played. Resolves at its end. */
  async play(id: ChapterId): Promise<void> {
    if (this.#playing !== undefined || this.#leftOut.includes(id)) return;
    this.#playing = id;
    this.#problem = undefined;
    delete this.#outcomes[id];
    this.#count += 1;
    const log = { chapter: id, play: this.#count, records: [] as SidedRecord[] };
    this.#plays.set(id, log);
    this.onRecords({ ...log, records: [] });
    this.onChange();
    await this.#run(id, log);
  }

  snapshot(): StorySnapshot {
    return {
      chapters: GUIDED_CHAPTERS.map(({ id, title, before, byHand }) => ({ id, title, before, byHand })),
      playing: this.#playing,
      leftOut: this.#leftOut,
      outcomes: this.#outcomes,
      problem: this.#problem,
    };
  }

  /** All timelines so far, for a page that has just been opened. */
  timelines(): readonly TimelinePart[] {
    return [...this.#plays.values()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #leftOut(): readonly ChapterId[] {
    if (this.#redisProgram !== undefined) return [];
    return GUIDED_CHAPTERS.filter(({ needsRedis }) => needsRedis).map(({ id }) => id);
  }

  async #run(id: ChapterId, log: TimelinePart & { readonly records: SidedRecord[] }): Promise<void> {
    const chapter = GUIDED_CHAPTERS.find((each) => each.id === id);
    if (chapter === undefined) return;
    const means = { folder: this.#folder, redisProgram: this.#redisProgram, secrets: new SecretWatch() };
    const record = (side: SideName, one: TimelineRecord) => {
      log.records.push([side, one]);
      this.onRecords({ ...log, records: [[side, one]] });
    };
    try {
      this.#outcomes[id] = await playChapter(chapter, means, { record });
    } catch (error) {
      this.#problem = String(error);
    }
    this.#playing = undefined;
    this.onChange();
  }
}

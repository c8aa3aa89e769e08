import type { SidedRecord, TimelineId, TimelinePart } from "./story-player.ts";

/** Gathers records, so that those of a moment go to the page in one message. */
export class TimelineGatherer {
  readonly #parts = new Map<TimelineId, TimelinePart & { readonly records: SidedRecord[] }>();

  add({ chapter, play, records }: TimelinePart): void {
    const gathered = this.#parts.get(chapter);
    if (gathered?.play === play) gathered.records.push(...records);
    else this.#parts.set(chapter, { chapter, play, records: [...records] });
  }

  /** What was gathered since the last call. */
  take(): readonly TimelinePart[] {
    const parts = [...this.#parts.values()];
    this.#parts.clear();
    return parts;
  }
}

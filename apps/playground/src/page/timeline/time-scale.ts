/** A place where the clocks were moved: so many ms, drawn as a gap of fixed width. */
export interface Gap {
  /** Ms of real time since the play began. */
  readonly at: number;
  readonly ms: number;
}

/** How wide a gap is, as a share of the real time that is drawn. */
const GAP_SHARE = 0.09;

/**
 * Where moments are on the axis. Real time is to scale; each move of the clocks is a gap of the same width, however long
 * it was.
 */
export interface TimeScale {
  readonly gaps: readonly Gap[];
  readonly gapWidth: number;
  /** The end of the axis. */
  readonly end: number;
  /** A moment of real time. */
  ofReal(ms: number): number;
  /** A moment of the clients' time, in which the clocks' moves count in full. */
  ofClients(ms: number): number;
  /** The real time of a place on the axis; `undefined` inside a gap. */
  realAt(place: number): number | undefined;
}

/** @param gaps in the order of time */
export function timeScale(gaps: readonly Gap[], realEnd: number): TimeScale {
  const gapWidth = Math.max(1, realEnd) * GAP_SHARE;
  const ofReal = (ms: number) => ms + gaps.filter(({ at }) => at < ms).length * gapWidth;
  return {
    gaps,
    gapWidth,
    end: Math.max(1, realEnd) + gaps.length * gapWidth,
    ofReal,
    ofClients(ms) {
      let [moved, width] = [0, 0];
      for (const gap of gaps) {
        const startsAt = gap.at + moved;
        if (ms <= startsAt) break;
        if (ms < startsAt + gap.ms) return gap.at + width + ((ms - startsAt) / gap.ms) * gapWidth;
        moved += gap.ms;
        width += gapWidth;
      }
      return ms - moved + width;
    },
    realAt(place) {
      let width = 0;
      for (const { at } of gaps) {
        if (place < at + width) break;
        if (place < at + width + gapWidth) return undefined;
        width += gapWidth;
      }
      return place - width;
    },
  };
}

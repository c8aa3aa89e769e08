/** A place where the clocks were moved, drawn as a gap of fixed width. */
export interface Gap {
  /** Ms of real time since the play began. */
  readonly at: number;
  readonly ms: number;
}

/** How wide a gap is, as a share of the real time that is drawn. */
const GAP_SHARE = 0.09;

/**
 * Where moments are on the axis, from 0 to `width`. Real time is to scale; each move of the clocks is a gap of the same
 * width, however long it was. Moments: ms since the play began.
 */
export interface TimeScale {
  readonly gaps: readonly Gap[];
  readonly gapWidth: number;
  /** The moment at which the axis begins. */
  readonly start: number;
  readonly width: number;
  /** A moment of real time. */
  ofReal(ms: number): number;
  /** A moment of the clients' time, in which the clocks' moves count in full. */
  ofClients(ms: number): number;
  /** The real time since the axis begins of a place on it; `undefined` inside a gap. */
  realAt(place: number): number | undefined;
}

/** @param gaps in the order of time */
export function timeScale(gaps: readonly Gap[], start: number, end: number): TimeScale {
  const realWidth = Math.max(1, end - start);
  const gapWidth = realWidth * GAP_SHARE;
  return {
    gaps,
    gapWidth,
    start,
    width: realWidth + gaps.length * gapWidth,
    ofReal(ms) {
      let place = ms - start;
      for (const { at } of gaps) if (at <= ms) place += gapWidth;
      return place;
    },
    ofClients(ms) {
      let [moved, width] = [0, 0];
      for (const gap of gaps) {
        const startsAt = gap.at + moved;
        if (ms <= startsAt) break;
        if (ms < startsAt + gap.ms) return gap.at - start + width + ((ms - startsAt) / gap.ms) * gapWidth;
        moved += gap.ms;
        width += gapWidth;
      }
      return ms - start - moved + width;
    },
    realAt(place) {
      let width = 0;
      for (const { at } of gaps) {
        if (place < at - start + width) break;
        if (place < at - start + width + gapWidth) return undefined;
        width += gapWidth;
      }
      return place - width;
    },
  };
}

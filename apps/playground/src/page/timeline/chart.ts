import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Language } from "../../chapters/words.ts";
import { lapse } from "../format.ts";
import { crowdOf, type Drawing, type Lane } from "./lanes.ts";
import { paintGaps, paintLane, paintMarks } from "./paint.ts";
import { type Palette, palette } from "./palette.ts";
import type { TimeScale } from "./time-scale.ts";

/** What a chart shows. */
export interface Picture {
  readonly drawing: Drawing;
  readonly scale: TimeScale;
  readonly language: Language;
  /** The name of a lane, beside it. */
  laneName(lane: Lane): string;
}

const PARTS = 360;
const AXIS_HEIGHT = 34;
const TOP_SPACE = 32;
/** The callers' part of a lane, from its lower edge. */
const CALLERS_SHARE = 0.52;

/** How tall a lane is, in CSS pixels: two have more room than sixteen. */
function laneHeight(lanes: number): number {
  return lanes <= 2 ? 74 : lanes <= 8 ? 46 : 34;
}

export function chartHeight(lanes: number): number {
  return Math.max(1, lanes) * laneHeight(lanes) + AXIS_HEIGHT + TOP_SPACE;
}

/** A chart of a fixed number of lanes. Time runs to the right; the lanes are stacked, the first at the top. */
export class TimelineChart {
  readonly #plot: uPlot;
  readonly #lanes: number;
  #picture: Picture;
  #colors: Palette = palette();

  constructor(place: HTMLElement, picture: Picture, width: number) {
    this.#picture = picture;
    this.#lanes = picture.drawing.lanes.length;
    this.#plot = new uPlot(this.#options(width), this.#data(), place);
  }

  show(picture: Picture): void {
    this.#picture = picture;
    this.#plot.setData(this.#data());
  }

  resize(width: number): void {
    this.#plot.setSize({ width, height: chartHeight(this.#lanes) });
  }

  /** Reads the colors again: the page became dark or light. */
  recolor(): void {
    this.#colors = palette();
    this.#plot.redraw(false, true);
  }

  destroy(): void {
    this.#plot.destroy();
  }

  /** The lower edge of a lane on the y axis, where each lane is 1 tall. */
  #floor(lane: number): number {
    return this.#lanes - 1 - lane;
  }

  #options(width: number): uPlot.Options {
    const axis = { stroke: () => this.#colors.soft, grid: { show: false }, ticks: { show: false } };
    const font = '12px system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", sans-serif';
    return {
      width,
      height: chartHeight(this.#lanes),
      padding: [TOP_SPACE, 8, 0, 0],
      legend: { show: false },
      cursor: { y: false, points: { show: false } },
      scales: {
        x: { time: false, range: () => [0, this.#picture.scale.width] },
        y: { range: () => [0, Math.max(1, this.#lanes)] },
      },
      axes: [
        { ...axis, font, size: AXIS_HEIGHT, space: 64, values: (_, places) => places.map((at) => this.#timeLabel(at)) },
        {
          ...axis,
          font,
          size: width < 560 ? 62 : 96,
          splits: () => Array.from({ length: this.#lanes }, (_, lane) => this.#floor(lane) + 0.5),
          values: () => this.#picture.drawing.lanes.map((lane) => this.#picture.laneName(lane)),
        },
      ],
      series: [{}, ...Array.from({ length: this.#lanes }, (_, lane) => this.#crowdSeries(lane)).flat()],
      hooks: { drawClear: [(plot) => this.#paintBehind(plot)], draw: [(plot) => this.#paintInFront(plot)] },
    };
  }

  /** Two areas above the lane's floor: callers that got what they wanted, and callers that did not. */
  #crowdSeries(lane: number): uPlot.Series[] {
    const area = (fill: () => string): uPlot.Series => ({
      fill,
      width: 0,
      points: { show: false },
      fillTo: () => this.#floor(lane),
      ...(uPlot.paths.stepped && { paths: uPlot.paths.stepped({ align: 1 }) }),
    });
    return [area(() => this.#colors.answered), area(() => this.#colors.failed)];
  }

  #data(): uPlot.AlignedData {
    const { drawing, scale } = this.#picture;
    const places = Float64Array.from({ length: PARTS }, (_, part) => (part / PARTS) * scale.width);
    const crowds = drawing.lanes.slice(0, this.#lanes).map((lane) => crowdOf(lane, scale, PARTS));
    const most = Math.max(1, ...crowds.map(({ waiting, failed }) => Math.max(...waiting) + Math.max(...failed)));
    const height = (count: number) => (Math.log1p(count) / Math.log1p(most)) * CALLERS_SHARE;
    const areas = crowds.flatMap(({ waiting, failed }, lane) => {
      const floor = this.#floor(lane);
      const both = waiting.map((count, part) => floor + height(count + (failed[part] ?? 0)));
      return [both, failed.map((count) => floor + height(count))];
    });
    return [places, ...areas] as unknown as uPlot.AlignedData;
  }

  #timeLabel(place: number): string {
    const real = this.#picture.scale.realAt(place);
    if (real === undefined) return "";
    return real < 10_000 ? `${Number((real / 1_000).toFixed(2))} s` : lapse(real);
  }

  #paintBehind(plot: uPlot): void {
    paintGaps(plot, this.#picture.scale, this.#colors);
  }

  #paintInFront(plot: uPlot): void {
    const { drawing, scale, language } = this.#picture;
    drawing.lanes.forEach((lane, index) => {
      const floor = this.#floor(index);
      paintLane(plot, lane, scale, { floor: floor + CALLERS_SHARE, ceiling: floor + 1 }, this.#colors);
    });
    paintMarks(plot, drawing.marks, scale, language, this.#colors);
  }
}

// What a chart has no series for: tokens with their windows, token requests, refusals, processes, gaps and marks.

import type uPlot from "uplot";
import type { Language } from "../../chapters/words.ts";
import { lapse } from "../format.ts";
import type { Drawing, Lane } from "./lanes.ts";
import type { Palette } from "./palette.ts";
import type { TimeScale } from "./time-scale.ts";

/** The part of the y axis that a lane's bars have. */
interface Strip {
  readonly floor: number;
  readonly ceiling: number;
}

const FONT = 'system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", sans-serif';

export function paintLane(plot: uPlot, lane: Lane, scale: TimeScale, strip: Strip, colors: Palette): void {
  const { ctx, bbox } = plot;
  const x = (place: number) => plot.valToPos(place, "x", true);
  const y = (height: number) => plot.valToPos(strip.floor + (strip.ceiling - strip.floor) * height, "y", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paintFloor(ctx, bbox, plot.valToPos(strip.ceiling, "y", true), colors);
  paintTokens(ctx, lane, scale, x, y, colors);
  paintRequests(ctx, lane, scale, x, y, colors);
  ctx.fillStyle = colors.failed;
  for (const { at } of lane.refusals) ctx.fillRect(x(scale.ofReal(at)), y(0.02), devicePixelRatio, y(0.1) - y(0.3));
  paintKills(ctx, lane, scale, x, y, colors);
  ctx.restore();
}

/** A line between lanes. */
function paintFloor(ctx: CanvasRenderingContext2D, bbox: uPlot.BBox, top: number, colors: Palette): void {
  ctx.fillStyle = colors.line;
  ctx.fillRect(bbox.left, top, bbox.width, devicePixelRatio);
}

type Place = (value: number) => number;

/** Each token until the process has the next one: fresh, where it may be renewed, and where it is not handed out. */
function paintTokens(
  ctx: CanvasRenderingContext2D,
  { tokens }: Lane,
  scale: TimeScale,
  x: Place,
  y: Place,
  colors: Palette,
): void {
  const [top, bottom] = [y(0.86), y(0.54)];
  tokens.forEach(({ at, life }, index) => {
    const next = tokens[index + 1];
    const from = x(scale.ofReal(at));
    const until = next === undefined ? Number.POSITIVE_INFINITY : x(scale.ofReal(next.at));
    const windows = [
      [from, colors.fresh],
      [life.renewFrom === undefined ? undefined : x(scale.ofClients(life.renewFrom)), colors.renewing],
      [life.unusableAt === undefined ? undefined : x(scale.ofClients(life.unusableAt)), colors.unusable],
    ] as const;
    const end = Math.min(until, x(scale.ofClients(life.until)));
    for (const [begins, color] of windows) {
      if (begins === undefined || begins >= end) continue;
      ctx.fillStyle = color;
      ctx.fillRect(Math.max(from, begins), top, Math.min(end, 1e5) - Math.max(from, begins), bottom - top);
    }
    // Where one token ends and the next begins.
    ctx.fillStyle = colors.text;
    if (tokens.length < 200) ctx.fillRect(from, top, devicePixelRatio, bottom - top);
  });
}

/** Token requests below the tokens: those that failed are red, those that never ended are open. */
function paintRequests(
  ctx: CanvasRenderingContext2D,
  { requests, asking, states }: Lane,
  scale: TimeScale,
  x: Place,
  y: Place,
  colors: Palette,
): void {
  const [top, bottom] = [y(0.42), y(0.12)];
  const bar = (from: number, to: number, color: string) => {
    ctx.fillStyle = color;
    ctx.globalAlpha = requests.length > 20 ? 0.35 : 0.9;
    const [left, right] = [x(scale.ofReal(from)), x(Math.min(scale.width, scale.ofReal(to)))];
    ctx.fillRect(left, top, Math.max(2, right - left), bottom - top);
    ctx.globalAlpha = 1;
  };
  for (const { from, to, status } of requests)
    bar(from, to, status !== undefined && status < 400 ? colors.asking : colors.failed);
  const over = new Set(requests.map(({ from }) => from));
  const killedAt = states.find(({ state }) => state === "killed")?.at;
  for (const { at } of asking) if (!over.has(at)) bar(at, killedAt ?? Number.POSITIVE_INFINITY, colors.asking);
}

function paintKills(
  ctx: CanvasRenderingContext2D,
  { states }: Lane,
  scale: TimeScale,
  x: Place,
  y: Place,
  colors: Palette,
): void {
  ctx.fillStyle = colors.text;
  ctx.font = `${14 * devicePixelRatio}px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  for (const { at, state } of states) if (state === "killed") ctx.fillText("✕", x(scale.ofReal(at)), y(0.35));
}

/** Where the clocks were moved the axis is not to scale: hatched, with how far. */
export function paintGaps(plot: uPlot, scale: TimeScale, colors: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { at, ms } of scale.gaps) {
    const left = plot.valToPos(scale.ofReal(at), "x", true);
    const width = plot.valToPos(scale.ofReal(at) + scale.gapWidth, "x", true) - left;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bbox.top, width, bbox.height);
    ctx.clip();
    ctx.strokeStyle = colors.line;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    const step = 9 * devicePixelRatio;
    for (let from = left - bbox.height; from < left + width; from += step) {
      ctx.moveTo(from, bbox.top + bbox.height);
      ctx.lineTo(from + bbox.height, bbox.top);
    }
    ctx.stroke();
    ctx.restore();
    label(ctx, gapText(ms), left + width / 2, bbox.top, colors.soft);
  }
  ctx.restore();
}

/** What was done to the provider, a process or a store: a dashed line with its name. */
export function paintMarks(
  plot: uPlot,
  marks: Drawing["marks"],
  scale: TimeScale,
  language: Language,
  colors: Palette,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colors.text;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.font = `${LABEL_SIZE * devicePixelRatio}px ${FONT}`;
  const taken = scale.gaps.map(({ at, ms }): Interval => {
    const center = plot.valToPos(scale.ofReal(at) + scale.gapWidth / 2, "x", true);
    return around(center, ctx.measureText(gapText(ms)).width);
  });
  for (const { at, text } of marks) {
    const left = plot.valToPos(scale.ofReal(at), "x", true);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text[language]).width;
    const center = Math.min(left + width / 2, bbox.left + bbox.width - width / 2);
    const own = around(center, width);
    // A label that would cover another goes above it.
    const isCovering = taken.some(([from, to]) => own[0] < to && from < own[1]);
    if (!isCovering) taken.push(own);
    label(ctx, text[language], center, bbox.top - (isCovering ? 1 : 0) * 14 * devicePixelRatio, colors.text);
  }
  ctx.restore();
}

const LABEL_SIZE = 11;

type Interval = readonly [from: number, to: number];

/** The room of a label, with a little space around it. */
function around(center: number, width: number): Interval {
  const half = width / 2 + 3 * devicePixelRatio;
  return [center - half, center + half];
}

function gapText(ms: number): string {
  return `+${lapse(ms)}`;
}

function label(ctx: CanvasRenderingContext2D, text: string, center: number, bottom: number, color: string): void {
  ctx.fillStyle = color;
  ctx.font = `${LABEL_SIZE * devicePixelRatio}px ${FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "bottom";
  ctx.fillText(text, center, bottom - 2 * devicePixelRatio);
}

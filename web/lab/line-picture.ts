import type { LabMap, LabPoints } from '../../src/lab/lab-protocol.ts';
import type { LabGaussian } from '../../src/lab/lab-state.ts';
import type { Interval } from '../../src/theory/quadrature.ts';
import { arrowScale, drawArrow } from './arrows.ts';
import type { PageOptions } from './page-options.ts';
import type { Palette } from './palette.ts';
import { ticks } from './plane.ts';

/** Where the parts of Figure 1 lie on a picture: densities above, the line of x, and z below it. */
export interface LineLayout {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** The line of x. */
  readonly axis: number;
  /** The line of z. */
  readonly latent: number;
  x(value: number): number;
  at(left: number): number;
  /** Height of a density. */
  density(value: number): number;
  /** Height of a probability. */
  probability(value: number): number;
}

/** Lays out Figure 1 for a box of the line and a largest density. */
export function lineLayout(
  [from, to]: Interval,
  mostDensity: number,
  width: number,
  height: number,
): LineLayout {
  const left = 34;
  const right = width - 30;
  const top = 16;
  const axis = height * 0.64;
  const unit = (right - left) / (to - from);
  return {
    left,
    right,
    top,
    axis,
    latent: height - 24,
    x: (value) => left + (value - from) * unit,
    at: (px) => from + (px - left) / unit,
    density: (value) => axis - ((axis - top) * Math.min(value, 1.02 * mostDensity)) / mostDensity,
    probability: (value) => axis - (axis - top) * value,
  };
}

/**
 * The density that fills the height: p_data with room above it, and p_g where that is not far higher. In steps of a quarter, so
 * that the scale stands still while p_g trembles.
 */
export function mostDensity(gaussians: readonly LabGaussian[], model?: ArrayLike<number>): number {
  const total = gaussians.reduce((sum, { weight }) => sum + weight, 0);
  const peak = Math.max(
    ...gaussians.map(({ deviation, weight }) => weight / total / (deviation * Math.sqrt(2 * Math.PI))),
  );
  let most = 0;
  for (let i = 0; model && i < model.length; i++) most = Math.max(most, model[i]!);
  // A collapsed p_g is a needle; it may leave the picture.
  return 1.1 * peak * Math.min(2, Math.max(1, Math.ceil((4 * most) / peak) / 4));
}

/** What is drawn of a moment of the line. */
export interface LineScene {
  readonly points: LabPoints;
  readonly options: PageOptions;
  readonly palette: Palette;
  /** `mostDensity` of them. */
  readonly most: number;
}

/** Draws Figure 1 of the paper, live: p_data dotted, p_g green, D blue over D*, and under them where G takes each z. */
export function drawLine(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { points, options, palette, most }: LineScene,
): void {
  const { densities, discriminator, map } = points;
  const layout = lineLayout(points.box[0]!, most, width, height);
  const shown = new Set(options.layers);
  context.clearRect(0, 0, width, height);
  context.font = `11px ${palette.font}`;
  drawAxes(context, layout, points.box[0]!, palette);
  context.save();
  context.beginPath();
  context.rect(layout.left, layout.top - 6, layout.right - layout.left, layout.axis - layout.top + 6);
  context.clip();
  if (densities) {
    curve(context, layout, points.box[0]!, densities.model, layout.density);
    context.lineTo(layout.right, layout.axis);
    context.lineTo(layout.left, layout.axis);
    context.fillStyle = palette.model;
    context.globalAlpha = 0.12;
    context.fill();
    context.globalAlpha = 1;
    if (shown.has('optimalContour')) {
      curve(context, layout, points.box[0]!, densities.optimal, layout.probability);
      stroke(context, palette.discriminator, 1.25, [2, 3]);
    }
  }
  if (discriminator) {
    curve(context, layout, points.box[0]!, discriminator.probabilities, layout.probability);
    stroke(context, palette.discriminator, 2.25, [7, 4]);
  }
  if (densities) {
    curve(context, layout, points.box[0]!, densities.data, layout.density);
    stroke(context, palette.real, 2, [2, 3.5]);
    curve(context, layout, points.box[0]!, densities.model, layout.density);
    stroke(context, palette.model, 2.25, []);
  }
  context.restore();
  if (shown.has('real')) drawRug(context, layout, points.real, -7, palette.real);
  if (shown.has('samples')) drawRug(context, layout, points.samples, 7, palette.model);
  if (shown.has('map') && map) drawFlow(context, layout, map, palette);
  drawPull(context, layout, points, options, palette);
}

function drawAxes(
  context: CanvasRenderingContext2D,
  layout: LineLayout,
  box: Interval,
  palette: Palette,
): void {
  const { left, right, axis, latent } = layout;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const p of [0.5, 1]) {
    context.moveTo(left, layout.probability(p));
    context.lineTo(right, layout.probability(p));
  }
  context.stroke();
  context.strokeStyle = palette.quiet;
  context.beginPath();
  for (const y of [axis, latent]) {
    context.moveTo(left, y);
    context.lineTo(right, y);
  }
  context.stroke();
  context.fillStyle = palette.discriminator;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const [p, name] of [
    [0, '0'],
    [0.5, '½'],
    [1, '1'],
  ] as const)
    context.fillText(
      p === 1 ? 'D = 1' : name,
      right + (p === 1 ? -2 : 5),
      layout.probability(p) - (p === 1 ? 8 : 0),
    );
  context.fillStyle = palette.quiet;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const tick of ticks(box)) context.fillText(String(tick), layout.x(tick), axis + 9);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.fillStyle = palette.text;
  context.font = `italic 14px ${palette.font}`;
  context.fillText('x', left - 8, axis);
  context.fillText('z', left - 8, latent);
  context.font = `11px ${palette.font}`;
}

/** Puts a function of evenly spaced places into the path; it is interrupted where it is NaN. */
function curve(
  context: CanvasRenderingContext2D,
  layout: LineLayout,
  [from, to]: Interval,
  values: ArrayLike<number>,
  height: (value: number) => number,
): void {
  const { length } = values;
  let drawing = false;
  context.beginPath();
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) {
      drawing = false;
      continue;
    }
    const x = layout.x(from + ((to - from) * i) / (length - 1));
    if (drawing) context.lineTo(x, height(value));
    else context.moveTo(x, height(value));
    drawing = true;
  }
}

function stroke(context: CanvasRenderingContext2D, colour: string, width: number, dash: number[]): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

function drawRug(
  context: CanvasRenderingContext2D,
  layout: LineLayout,
  points: Float32Array,
  length: number,
  colour: string,
): void {
  context.beginPath();
  for (const value of points) {
    const x = layout.x(value);
    if (x < layout.left || x > layout.right) continue;
    context.moveTo(x, layout.axis);
    context.lineTo(x, layout.axis + length);
  }
  context.globalAlpha = 0.5;
  stroke(context, colour, 1, []);
  context.globalAlpha = 1;
}

/** The lines from z up to x = G(z). */
function drawFlow(
  context: CanvasRenderingContext2D,
  layout: LineLayout,
  { shape, z, x }: LabMap,
  palette: Palette,
): void {
  const [count] = shape;
  // Only a single z lies on a line.
  if (shape.length !== 1 || count === undefined || z.length !== count) return;
  const [first, last] = [z[0]!, z.at(-1)!];
  context.save();
  context.beginPath();
  context.rect(layout.left, layout.axis, layout.right - layout.left, layout.latent - layout.axis + 20);
  context.clip();
  context.beginPath();
  const stride = Math.max(1, Math.floor(count / 64));
  const upper = layout.axis + 24;
  for (let i = 0; i < count; i += stride) {
    const from = layout.left + ((z[i]! - first) / (last - first)) * (layout.right - layout.left);
    const to = layout.x(x[i]!);
    const middle = (layout.latent + upper) / 2;
    context.moveTo(from, layout.latent);
    context.bezierCurveTo(from, middle, to, middle, to, upper);
  }
  context.globalAlpha = 0.6;
  stroke(context, palette.model, 1, []);
  context.globalAlpha = 1;
  context.fillStyle = palette.quiet;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  context.fillText(first.toFixed(2), layout.left, layout.latent + 5);
  context.textAlign = 'right';
  context.fillText(last.toFixed(2), layout.right, layout.latent + 5);
  context.restore();
}

function drawPull(
  context: CanvasRenderingContext2D,
  layout: LineLayout,
  { pull, samples }: LabPoints,
  options: PageOptions,
  palette: Palette,
): void {
  if (!pull) return;
  const scale = arrowScale([pull.minimax, pull.nonSaturating], 1, (layout.right - layout.left) / 22);
  const count = Math.min(40, samples.length);
  for (const [loss, y] of [
    ['nonSaturating', layout.axis - 11],
    ['minimax', layout.axis - 17],
  ] as const) {
    if (!options.layers.includes(loss)) continue;
    context.beginPath();
    for (let i = 0; i < count; i++)
      drawArrow(context, layout.x(samples[i]!), y, pull[loss][i]! * scale.pixelsPerUnit, 0, scale.most);
    stroke(context, palette[loss], 1.3, []);
  }
}

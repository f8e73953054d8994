import type { LabMap, LabPoints } from '../../src/lab/lab-protocol.ts';
import type { LabGaussian } from '../../src/lab/lab-state.ts';
import { arrowScale, drawArrow } from './arrows.ts';
import { contour } from './contour.ts';
import { densityColours, fieldImage, probabilityColours } from './field-image.ts';
import type { PageOptions } from './page-options.ts';
import type { Palette, Rgb } from './palette.ts';
import { type Plane, planeOf, ticks } from './plane.ts';

/** What is drawn of a moment of the plane. */
export interface PlaneScene {
  readonly points: LabPoints;
  readonly options: PageOptions;
  readonly palette: Palette;
  /** Those that can be dragged, where they are while they are dragged. */
  readonly gaussians: readonly LabGaussian[];
}

/** So many samples have arrows: more would hide the picture. */
const ARROWS = 96;

/** Draws the plane on a picture of so many pixels of the style sheet. */
export function drawPlane(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  scene: PlaneScene,
): void {
  const { points, options, palette, gaussians } = scene;
  const plane = planeOf(points.box, width, height);
  const shown = new Set(options.layers);
  context.clearRect(0, 0, width, height);
  drawBackdrop(context, width, height, scene);
  drawTicks(context, width, height, plane, scene);
  if (points.discriminator && options.backdrop === 'discriminator')
    drawLevel(
      context,
      width,
      height,
      points.discriminator.probabilities,
      points.discriminator.size,
      palette.discriminator,
    );
  if (shown.has('optimalContour') && points.densities)
    drawOptimalLevel(context, width, height, points, palette);
  drawGaussians(context, plane, gaussians, palette);
  if (shown.has('map') && points.map) drawMap(context, plane, points.map, palette);
  if (shown.has('real')) drawDots(context, plane, points.real, 1.5, palette.real, 0.6);
  if (shown.has('samples')) {
    drawDots(context, plane, points.samples, 3, palette.ground, 0.75);
    drawDots(context, plane, points.samples, 2.2, palette.model, 1);
  }
  drawPull(context, width, height, plane, scene);
}

function drawBackdrop(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { points, options, palette }: PlaneScene,
): void {
  const { discriminator, densities } = points;
  const paint = (image: OffscreenCanvas, smooth: boolean): void => {
    context.imageSmoothingEnabled = smooth;
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
  };
  if (options.backdrop === 'discriminator' && discriminator)
    paint(fieldImage(discriminator.probabilities, discriminator.size, probabilityColours(palette)), true);
  if (options.backdrop === 'optimal' && densities)
    paint(fieldImage(decidable(points), densities.size, probabilityColours(palette)), false);
  if (options.backdrop === 'densities' && densities) {
    const most = densities.data.reduce((a, b) => Math.max(a, b), 0);
    const tint = (colour: string): Rgb => {
      const value = Number.parseInt(colour.slice(1), 16);
      return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
    };
    context.globalAlpha = 0.55;
    paint(fieldImage(densities.data, densities.size, densityColours(tint(palette.real), most)), false);
    context.globalAlpha = 0.8;
    paint(fieldImage(densities.model, densities.size, densityColours(tint(palette.model), most)), false);
    context.globalAlpha = 1;
  }
}

function drawTicks(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  plane: Plane,
  { points, palette }: PlaneScene,
): void {
  context.fillStyle = palette.quiet;
  context.font = `11px ${palette.font}`;
  context.textBaseline = 'bottom';
  context.textAlign = 'center';
  for (const tick of ticks(points.box[0]!)) {
    const x = plane.x(tick);
    if (x > 20 && x < width - 14) context.fillText(String(tick), x, height - 2);
  }
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  for (const tick of ticks(points.box[1]!)) {
    const y = plane.y(tick);
    if (y > 14 && y < height - 20) context.fillText(String(tick), 4, y);
  }
}

/** Strokes where a field of cell centres crosses 1/2. */
function drawLevel(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  field: ArrayLike<number>,
  size: number,
  colour: string,
  dash: number[] = [],
): void {
  const segments = contour(field, size, 0.5);
  const x = (column: number): number => ((column + 0.5) * width) / size;
  const y = (row: number): number => height - ((row + 0.5) * height) / size;
  context.beginPath();
  for (let i = 0; i < segments.length; i += 4) {
    context.moveTo(x(segments[i]!), y(segments[i + 1]!));
    context.lineTo(x(segments[i + 2]!), y(segments[i + 3]!));
  }
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/**
 * D* where there is something to decide, NaN elsewhere: in a cell that half of one of the samples would not be expected in,
 * neither by the data nor by what was counted, a histogram knows nothing.
 */
function decidable({ box, densities }: LabPoints): Float64Array {
  const { data, model, optimal, size, samples } = densities!;
  const area = box.reduce((product, [from, to]) => (product * (to - from)) / size, 1);
  const least = 0.5 / (samples * area);
  return optimal.map((value, i) => (data[i]! + model[i]! > least ? value : Number.NaN));
}

/** Inside of the line D* > 1/2: more of the data than of the model. */
function drawOptimalLevel(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  points: LabPoints,
  palette: Palette,
): void {
  const decided = decidable(points).map((value) => (Number.isNaN(value) ? 0 : value));
  drawLevel(context, width, height, decided, points.densities!.size, palette.text, [3, 3]);
}

function drawGaussians(
  context: CanvasRenderingContext2D,
  plane: Plane,
  gaussians: readonly LabGaussian[],
  palette: Palette,
): void {
  context.strokeStyle = palette.real;
  for (const { centre, deviation } of gaussians)
    for (const radius of [1, 2]) {
      context.globalAlpha = radius === 1 ? 0.55 : 0.3;
      context.lineWidth = 1;
      context.beginPath();
      context.arc(
        plane.x(centre[0]!),
        plane.y(centre[1] ?? 0),
        radius * deviation * plane.unit,
        0,
        2 * Math.PI,
      );
      context.stroke();
    }
  context.globalAlpha = 1;
}

function drawDots(
  context: CanvasRenderingContext2D,
  plane: Plane,
  points: Float32Array,
  radius: number,
  colour: string,
  alpha: number,
): void {
  context.fillStyle = colour;
  context.globalAlpha = alpha;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [plane.x(points[i]!), plane.y(points[i + 1]!)];
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
  context.fill();
  context.globalAlpha = 1;
}

/** The lattice of z where G takes it: bent, stretched and folded. */
function drawMap(
  context: CanvasRenderingContext2D,
  plane: Plane,
  { shape, x }: LabMap,
  palette: Palette,
): void {
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined) return;
  const along = (from: number, stride: number, count: number): void => {
    for (let i = 0; i < count; i++) {
      const at = 2 * (from + i * stride);
      const [px, py] = [plane.x(x[at]!), plane.y(x[at + 1]!)];
      if (i === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    }
  };
  context.beginPath();
  for (let row = 0; row < rows; row++) along(row * columns, 1, columns);
  for (let column = 0; column < columns; column++) along(column, columns, rows);
  context.strokeStyle = palette.model;
  context.globalAlpha = 0.5;
  context.lineWidth = 0.9;
  context.stroke();
  context.globalAlpha = 1;
}

function drawPull(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  plane: Plane,
  { points, options, palette }: PlaneScene,
): void {
  const { pull, samples } = points;
  if (!pull) return;
  const losses = (['nonSaturating', 'minimax'] as const).filter((loss) => options.layers.includes(loss));
  if (losses.length === 0) return;
  const scale = arrowScale([pull.minimax, pull.nonSaturating], 2, width / 22);
  const count = Math.min(ARROWS, samples.length / 2);
  for (const loss of losses) {
    const field = pull[loss];
    context.beginPath();
    for (let i = 0; i < count; i++)
      drawArrow(
        context,
        plane.x(samples[2 * i]!),
        plane.y(samples[2 * i + 1]!),
        field[2 * i]! * scale.pixelsPerUnit,
        -field[2 * i + 1]! * scale.pixelsPerUnit,
        scale.most,
      );
    context.strokeStyle = palette[loss];
    context.lineWidth = loss === 'minimax' ? 2 : 1.2;
    context.stroke();
  }
  drawScaleBar(context, width, height, scale.pixelsPerUnit, palette);
}

/** What the length of an arrow means: a bar of a round number of nats per unit of x. */
function drawScaleBar(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  pixelsPerUnit: number,
  palette: Palette,
): void {
  const rough = 40 / pixelsPerUnit;
  const power = 10 ** Math.floor(Math.log10(rough));
  const value =
    [1, 2, 5].map((factor) => factor * power).findLast((candidate) => candidate <= rough) ?? power;
  const length = value * pixelsPerUnit;
  const [right, y] = [width - 10, height - 30];
  context.strokeStyle = palette.text;
  context.fillStyle = palette.text;
  context.lineWidth = 1.25;
  context.beginPath();
  context.moveTo(right - length, y - 3);
  context.lineTo(right - length, y + 3);
  context.moveTo(right - length, y);
  context.lineTo(right, y);
  context.moveTo(right, y - 3);
  context.lineTo(right, y + 3);
  context.stroke();
  context.font = `11px ${palette.font}`;
  context.textAlign = 'right';
  context.textBaseline = 'bottom';
  context.fillText(`pull of ${Number(value.toPrecision(1))}`, right, y - 5);
}

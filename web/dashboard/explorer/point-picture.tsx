import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type Bounds, boundsOf } from '../../../src/io/scatter.ts';
import type { SampleFormat } from '../../../src/server/api.ts';
import { colour, colourScheme } from '../curves/colour-scheme.ts';
import { formatFigure } from '../number-format.ts';
import type { ExplorerState } from './explorer-state.ts';
import type { LoadedGenerator } from './generator.ts';
import { batchOf, drawnZ, pointOf } from './latent-space.ts';

const POINTS = 2000;
/** Lines of the plane in each direction, and points on each. */
const [LINES, LINE_POINTS] = [13, 49];
const SIZE = 480;

/** Samples in the data's space, the plane's grid as the generator bends it, and the current sample. */
export function PointPicture({
  state,
  format,
  generator: { queue, version },
  sample,
}: {
  readonly state: ExplorerState;
  readonly format: SampleFormat;
  readonly generator: LoadedGenerator;
  readonly sample: Float32Array | undefined;
}): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const cloud = useSignal<Float32Array | undefined>(undefined);
  const grid = useSignal<Float32Array | undefined>(undefined);
  const { slice, label, space } = state;
  const ignore = (): void => {};
  useEffect(() => {
    queue.ask('cloud', {
      z: drawnZ(space, 'explorer/cloud', POINTS),
      label: label.value,
      onSamples: (samples) => {
        cloud.value = samples;
      },
      onFailure: ignore,
    });
  }, [label.value, version]);
  useEffect(() => {
    if (space.latentDim < 2) return;
    queue.ask('grid', {
      z: batchOf(gridLines().map(([u, v]) => pointOf(space, slice.value, u, v))),
      label: label.value,
      onSamples: (samples) => {
        grid.value = samples;
      },
      onFailure: ignore,
    });
  }, [slice.value, label.value, version]);
  const dimension = format.shape[0]!;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !cloud.value) return;
    context.clearRect(0, 0, SIZE, SIZE);
    if (dimension === 1) drawLine(context, cloud.value, sample);
    else
      drawPlane(context, plane(cloud.value, dimension), grid.value && plane(grid.value, dimension), sample);
  }, [cloud.value, grid.value, sample, colourScheme.value]);
  const coordinates = sample ? [...sample].slice(0, 3).map((value) => formatFigure(value, 3)) : [];
  return (
    <>
      <canvas
        ref={canvas}
        class="points"
        width={SIZE}
        height={SIZE}
        role="img"
        aria-label={`Samples in the data’s space; the current one at ${coordinates.join(', ')}`}
        data-testid="picture"
      />
      <p class="quiet">
        G(z) = ({coordinates.join(', ')}
        {dimension > 3 ? ', …' : ''}). Green: {POINTS} samples.{' '}
        {space.latentDim > 1 && dimension > 1 && 'Lines: the plane beside, as G bends it.'}
      </p>
    </>
  );
}

/** Points on the lines of the plane's grid, line by line: first those along u, then those along v. */
function gridLines(): readonly (readonly [number, number])[] {
  const at = (i: number, count: number): number => (2 * i) / (count - 1) - 1;
  const indices = Array.from({ length: LINES * LINE_POINTS }, (_, i) => [
    Math.floor(i / LINE_POINTS),
    i % LINE_POINTS,
  ]);
  return [
    ...indices.map(([line, point]) => [at(point!, LINE_POINTS), at(line!, LINES)] as const),
    ...indices.map(([line, point]) => [at(line!, LINES), at(point!, LINE_POINTS)] as const),
  ];
}

/** The first two coordinates of each point. */
function plane(points: Float32Array, dimension: number): Float32Array {
  return dimension === 2 ? points : points.filter((_, i) => i % dimension < 2);
}

function drawPlane(
  context: CanvasRenderingContext2D,
  cloud: Float32Array,
  grid: Float32Array | undefined,
  sample: Float32Array | undefined,
): void {
  const { left, right, bottom, top }: Bounds = boundsOf(cloud);
  const x = (value: number): number => ((value - left) / (right - left)) * SIZE;
  const y = (value: number): number => ((top - value) / (top - bottom)) * SIZE;
  if (grid) {
    context.strokeStyle = colour('--quiet');
    context.globalAlpha = 0.45;
    context.lineWidth = 1;
    for (let line = 0; line < grid.length / (2 * LINE_POINTS); line++) {
      context.beginPath();
      for (let point = 0; point < LINE_POINTS; point++) {
        const i = 2 * (line * LINE_POINTS + point);
        context.lineTo(x(grid[i]!), y(grid[i + 1]!));
      }
      context.stroke();
    }
  }
  context.fillStyle = colour('--model');
  context.globalAlpha = 0.5;
  for (let i = 0; i < cloud.length; i += 2)
    context.fillRect(x(cloud[i]!) - 1.5, y(cloud[i + 1]!) - 1.5, 3, 3);
  context.globalAlpha = 1;
  if (!sample) return;
  context.lineWidth = 3;
  context.strokeStyle = colour('--ground');
  context.fillStyle = colour('--gradient');
  context.beginPath();
  context.arc(x(sample[0]!), y(sample[1]!), 8, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
}

const BINS = 60;

/** A histogram of numbers with the current one. */
function drawLine(
  context: CanvasRenderingContext2D,
  cloud: Float32Array,
  sample: Float32Array | undefined,
): void {
  const least = cloud.reduce((a, b) => Math.min(a, b));
  const most = cloud.reduce((a, b) => Math.max(a, b));
  const room = 0.1 * (most - least || 1);
  const [left, right] = [least - room, most + room];
  const counts = new Array<number>(BINS).fill(0);
  for (const value of cloud)
    counts[Math.min(BINS - 1, Math.floor(((value - left) / (right - left)) * BINS))]! += 1;
  const highest = Math.max(...counts, 1);
  context.fillStyle = colour('--model');
  context.globalAlpha = 0.6;
  for (const [bin, count] of counts.entries()) {
    const height = (count / highest) * 0.9 * SIZE;
    context.fillRect((bin / BINS) * SIZE, SIZE - height, SIZE / BINS - 1, height);
  }
  context.globalAlpha = 1;
  if (!sample) return;
  context.fillStyle = colour('--gradient');
  context.fillRect(((sample[0]! - left) / (right - left)) * SIZE - 1.5, 0, 3, SIZE);
}

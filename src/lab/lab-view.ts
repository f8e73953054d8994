import type { Distribution } from '../data/dataset.ts';
import { streamOf } from '../random/threefry.ts';
import type { Interval } from '../theory/quadrature.ts';
import { sheetLatent } from '../train/sheet-latent.ts';
import type { LabGame } from './lab-game.ts';
import type { LabLooks } from './lab-looks.ts';
import type { LabMap, LabPoints, LabView } from './lab-protocol.ts';

/** Everything of a view, with its defaults. */
export type FullView = Required<LabView>;

/** What a page sees that asks for nothing in particular. */
export const defaultView: FullView = {
  samples: 256,
  grid: 48,
  gradients: true,
  map: true,
  densities: true,
  averaged: false,
};

/** What is shown of data that hands move reaches so far at least, by their dimension: a new generator's samples are in it. */
const LEAST_REACH = { 1: 5, 2: 2.5 } as const;

/**
 * What is shown of the line or the plane: all of the data to 4 deviations, and a third of its size more, since samples go
 * astray. Square in the plane.
 *
 * @param movable - whether hands move the data: then the box is about 0, of a size in steps of a half, so that it stands still
 *   while they do. Default false.
 */
export function labBox({ components }: Distribution, movable = false): readonly Interval[] {
  // The swiss roll, which is no mixture: its spiral ends 1.9 from the middle.
  const parts = components ?? [{ centre: [0, 0], deviation: 0.48, weight: 1 }];
  const axes = parts[0]!.centre.map(
    (_, axis): Interval => [
      Math.min(...parts.map(({ centre, deviation }) => centre[axis]! - 4 * deviation)),
      Math.max(...parts.map(({ centre, deviation }) => centre[axis]! + 4 * deviation)),
    ],
  );
  if (movable) {
    const farthest = Math.max(...axes.flat().map(Math.abs));
    const least = LEAST_REACH[axes.length === 1 ? 1 : 2];
    const size = Math.max(least, Math.ceil(2 * farthest) / 2);
    return axes.map(() => [-size, size]);
  }
  const half = (4 / 3) * Math.max(...axes.map(([low, high]) => (high - low) / 2));
  // Round figures, so that axes and cells have them too.
  const reach = Math.ceil(half * 10) / 10;
  return axes.map(([low, high]) => {
    const middle = Math.round(((low + high) / 2) * 10) / 10;
    return [middle - reach, middle + reach];
  });
}

/** Centres of the cells of a grid over the box, [row, column]; on the line evenly spaced points from edge to edge. */
function gridPoints(box: readonly Interval[], size: number): Float32Array {
  const [[left, right], up] = box as [Interval, Interval | undefined];
  if (!up) return Float32Array.from({ length: size }, (_, i) => left + ((right - left) * i) / (size - 1));
  const points = new Float32Array(2 * size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const at = 2 * (row * size + column);
      points[at] = left + ((column + 0.5) / size) * (right - left);
      points[at + 1] = up[0] + ((row + 0.5) / size) * (up[1] - up[0]);
    }
  return points;
}

/** D on a grid over the box. */
export async function lookAtDiscriminator(
  looks: LabLooks,
  step: number,
  box: readonly Interval[],
  grid: number,
): Promise<NonNullable<LabPoints['discriminator']>> {
  const size = box.length === 1 ? 4 * grid : grid;
  const logits = await looks.judge(gridPoints(box, size));
  return { step, size, logits, probabilities: logits.map((logit) => 1 / (1 + Math.exp(-logit))) };
}

/** Lines of the lattice of z, and of a longer z draws. */
const LATTICE = 21;
const LINES = 61;

/** Where z lies that is shown: uniform to its ends, Gaussian to 2.4 deviations. */
const reachOf = (lab: LabGame): number => (lab.state.latent.distribution === 'uniform' ? Math.sqrt(3) : 2.4);

/** The map z -> x on a lattice of z. */
export async function lookAtMap(lab: LabGame, averaged: boolean): Promise<LabMap> {
  const { looks } = lab;
  const { dimension } = lab.state.latent;
  const reach = reachOf(lab);
  const spaced = (i: number, count: number): number => reach * ((2 * i) / (count - 1) - 1);
  if (dimension === 1) {
    const z = Float32Array.from({ length: LINES }, (_, i) => spaced(i, LINES));
    return { shape: [LINES], z, x: await looks.generate(z, averaged) };
  }
  if (dimension === 2) {
    const z = Float32Array.from({ length: 2 * LATTICE * LATTICE }, (_, i) => {
      const at = i >> 1;
      return spaced(i % 2 === 0 ? at % LATTICE : Math.floor(at / LATTICE), LATTICE);
    });
    return { shape: [LATTICE, LATTICE], z, x: await looks.generate(z, averaged) };
  }
  const { data: z } = sheetLatent(lab.game, lab.state.seed, LINES);
  return { shape: [LINES], z, x: await looks.generate(z, averaged) };
}

/** Samples of the same z every time, what D says of them, how they are pulled, and the same real points every time. */
export async function lookAtSamples(
  lab: LabGame,
  distribution: Distribution,
  { samples: count, averaged, gradients }: FullView,
): Promise<Pick<LabPoints, 'z' | 'samples' | 'sampleLogits' | 'real' | 'pull'>> {
  const { seed } = lab.state;
  const { data: z } = sheetLatent(lab.game, seed, count);
  const { samples, logits, pull } = await lab.looks.judgeSamples(z, { averaged, pull: gradients });
  const real = new Float32Array(count * distribution.exampleShape[0]);
  distribution.draw({ seed, stream: streamOf('lab/shown') }, 0, real);
  return { z, samples, sampleLogits: logits, real, ...(pull ? { pull } : {}) };
}

import { fillNormal } from '../../../src/random/normal.ts';
import { fillSpherical } from '../../../src/random/spherical.ts';
import { type Key, streamOf } from '../../../src/random/threefry.ts';
import { fillUniform } from '../../../src/random/uniform.ts';
import type { SampleFormat } from '../../../src/server/api.ts';

/** Where z lives: its length and its distribution. */
export type LatentSpace = Pick<SampleFormat, 'latent' | 'latentDim'>;

/** A latent vector, float32 [latentDim]. */
export type Z = Float32Array<ArrayBuffer>;

/** Rows of a part of the stream that the sheets of a run draw their z from. */
const PART_ROWS = 100;

/**
 * The z of the sample with this number on a run's sheets, counted from 0 row by row; beyond the sheet, more of the same
 * stream of random numbers.
 *
 * @param seed - of the run
 */
export function sheetZ({ latent, latentDim }: LatentSpace, seed: number, number: number): Z {
  const row = number % PART_ROWS;
  const z = new Float32Array((row + 1) * latentDim);
  fill(latent, { seed, stream: streamOf('sheet/latent') }, Math.floor(number / PART_ROWS), z, latentDim);
  return z.slice(row * latentDim);
}

/** Latent vectors of the distribution, float32 [count * latentDim], the same for the same name. */
export function drawnZ({ latent, latentDim }: LatentSpace, name: string, count: number): Z {
  const z = new Float32Array(count * latentDim);
  fill(latent, { seed: 0, stream: streamOf(name) }, 0, z, latentDim);
  return z;
}

function fill(latent: LatentSpace['latent'], key: Key, part: number, out: Z, latentDim: number): void {
  if (latent === 'gaussian') fillNormal(key, part, out);
  else if (latent === 'uniform') fillUniform(key, part, out, -Math.sqrt(3), Math.sqrt(3));
  else fillSpherical(key, part, out, latentDim);
}

/** How far from 0 a coordinate is worth trying: to the edge of a box, to three standard deviations, to the sphere's pole. */
export function reachOf({ latent }: LatentSpace): number {
  return { uniform: Math.sqrt(3), gaussian: 3, spherical: 1 }[latent];
}

/** The nearest z that training draws: in the box, on the sphere; anywhere for the others. */
function projected({ latent }: LatentSpace, z: Z): Z {
  if (latent === 'uniform') return z.map((value) => Math.min(Math.max(value, -Math.sqrt(3)), Math.sqrt(3)));
  if (latent === 'gaussian') return z;
  const norm = normOf(z) || 1;
  return z.map((value) => value / norm);
}

export function normOf(z: Z): number {
  return Math.sqrt(z.reduce((sum, value) => sum + value * value, 0));
}

/**
 * How unusual the norm of a Gaussian z is, in standard deviations of the norm (`1 / sqrt 2` for long vectors, around
 * `sqrt(d - 1/2)`); 0 for the other distributions, whose z are projected to where they come from.
 */
export function unusualness({ latent, latentDim }: LatentSpace, z: Z): number {
  return latent === 'gaussian' ? (normOf(z) - Math.sqrt(latentDim - 0.5)) / Math.SQRT1_2 : 0;
}

/** A plane in z space: `origin + u first + v second`, with u and v from -1 to 1. */
export interface Slice {
  readonly origin: Z;
  readonly first: Z;
  /** All 0 where z has one coordinate. */
  readonly second: Z;
}

/** A point of a slice. */
export function pointOf(space: LatentSpace, { origin, first, second }: Slice, u: number, v: number): Z {
  return projected(
    space,
    origin.map((value, i) => value + u * first[i]! + v * second[i]!),
  );
}

/** The plane of two coordinates, the others as in z. @param j - undefined where z has one coordinate */
export function coordinateSlice(space: LatentSpace, z: Z, i: number, j: number | undefined): Slice {
  const reach = reachOf(space);
  const axis = (at: number | undefined): Z => z.map((_, other) => (other === at ? reach : 0));
  return {
    origin: z.map((value, at) => (at === i || at === j ? 0 : value)),
    first: axis(i),
    second: axis(j),
  };
}

/**
 * A plane through z in two directions at right angles, as long as a z usually is.
 *
 * @param number - which pair of directions
 */
export function randomSlice(space: LatentSpace, z: Z, number: number): Slice {
  const { latentDim } = space;
  const directions = drawnZ({ latent: 'gaussian', latentDim }, `explorer/directions/${number}`, 2);
  const length = space.latent === 'spherical' ? 1 : Math.sqrt(latentDim);
  const first = scaled(directions.slice(0, latentDim), length);
  const raw = directions.slice(latentDim);
  const share = raw.reduce((sum, value, i) => sum + value * first[i]!, 0) / length ** 2;
  return {
    origin: z,
    first,
    second: scaled(
      raw.map((value, i) => value - share * first[i]!),
      length,
    ),
  };
}

/** The plane that holds three points: the first at u = v = -1/2, the second to its right, the third above. */
export function planeThrough([a, b, c]: readonly [Z, Z, Z]): Slice {
  const first = b.map((value, i) => value - a[i]!);
  const second = c.map((value, i) => value - a[i]!);
  return { origin: a.map((value, i) => value + 0.5 * (first[i]! + second[i]!)), first, second };
}

const scaled = (z: Z, length: number): Z => {
  const norm = normOf(z) || 1;
  return z.map((value) => (value / norm) * length);
};

/** A point on the straight lines from each z to the next. @param t - from 0 to one less than there are vectors */
export function pathPoint(space: LatentSpace, points: readonly Z[], t: number): Z {
  const at = Math.min(Math.max(Math.floor(t), 0), Math.max(0, points.length - 2));
  const [from, to] = [points[at]!, points[at + 1] ?? points[at]!];
  return projected(
    space,
    from.map((value, i) => value + (t - at) * (to[i]! - value)),
  );
}

/** Several vectors as one batch, float32 [n * latentDim]. */
export function batchOf(vectors: readonly Z[]): Z {
  const batch = new Float32Array(vectors.reduce((length, { length: more }) => length + more, 0));
  let at = 0;
  for (const z of vectors) {
    batch.set(z, at);
    at += z.length;
  }
  return batch;
}

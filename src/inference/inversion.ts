import type { Tensor } from '../graph/tensor.ts';
import type { Encoder } from './encoder.ts';
import type { FixedGenerator } from './fixed-generator.ts';
import { SEARCH_STEPS } from './latent-search.ts';
import { latentSupport } from './latent-support.ts';
import { type Reconstruction, type Route, routes } from './reconstruction.ts';

/** A mean and its standard error. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
}

/** How well one route reconstructs a set of images. */
export interface RouteResult {
  /** Mean squared difference of a pixel in [0, 1]; the standard error is that over images. */
  readonly error: Estimate;
  /**
   * Root mean square of the coordinates of z, in units of that of p(z): 1 for draws of p(z), less for a mean of many z,
   * more for a z that p(z) would hardly give.
   */
  readonly latentNorm: number;
  /** Wall-clock time for one image. */
  readonly secondsPerImage: number;
}

/** A set of images, reconstructed. */
export interface SetResult {
  readonly count: number;
  /** The error of the mean training image in the place of every reconstruction; absent without data. */
  readonly meanImage?: Estimate;
  readonly routes: Readonly<Record<Route, RouteResult>>;
}

/** What `zerosum invert` measures. */
export interface Inversion {
  /** Name of the run's folder. */
  readonly run: string;
  readonly preset: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly data: string;
  readonly step: number;
  readonly weights: 'average' | 'last';
  readonly seed: number;
  readonly encoder: Pick<Encoder, 'steps' | 'seed' | 'latentError'>;
  readonly search: { readonly steps: number; readonly support: string };
  /** Real images that no network was trained on. */
  readonly heldOut: SetResult;
  /** Samples of the generator itself, which it can draw exactly. */
  readonly samples: SetResult;
}

/** Mean and standard error of independent values. */
export function estimate(values: ArrayLike<number>): Estimate {
  const all = Array.from(values);
  const n = all.length;
  const mean = all.reduce((total, value) => total + value, 0) / n;
  const squares = all.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.NaN };
}

/**
 * What three reconstructions of the same images are worth.
 *
 * @param meanImage - of the training data, [d] in [0, 1]
 */
export function setResult(
  { latent, latentDim }: Pick<FixedGenerator, 'latent' | 'latentDim'>,
  images: Tensor<'float32'>,
  found: Readonly<Record<Route, Reconstruction>>,
  meanImage?: Float64Array,
): SetResult {
  const count = images.shape[0]!;
  const { scale } = latentSupport(latent, latentDim);
  const result = ({ errors, latents: { data }, seconds }: Reconstruction): RouteResult => ({
    error: estimate(errors),
    latentNorm: Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length) / scale,
    secondsPerImage: seconds / count,
  });
  return {
    count,
    ...(meanImage ? { meanImage: estimate(distancesTo(meanImage, images)) } : {}),
    routes: Object.fromEntries(routes.map((route) => [route, result(found[route])])) as SetResult['routes'],
  };
}

function distancesTo(image: Float64Array, { data }: Tensor<'float32'>): Float64Array {
  const size = image.length;
  return Float64Array.from({ length: data.length / size }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (data[row * size + i]! - image[i]!) ** 2;
    return sum / size;
  });
}

/** What the search of an inversion did, for its record. */
export function searchRecord(
  { latent, latentDim }: Pick<FixedGenerator, 'latent' | 'latentDim'>,
  steps: number = SEARCH_STEPS,
): Inversion['search'] {
  return { steps, support: latentSupport(latent, latentDim).description };
}

import { frechetDistance } from '../eval/frechet.ts';
import type { Tensor } from '../graph/tensor.ts';
import { type Estimate, estimate } from '../inference/inversion.ts';
import type { FeatureExtractor } from '../learned/feature-extractor.ts';
import type { Completer } from './completions.ts';
import { type HiddenPart, knownPixels } from './masks.ts';
import type { Inpainter } from './train-inpainter.ts';

/** Completions of images of which the same part is hidden. Errors are squared, of a hidden pixel in [0, 1]. */
export interface PartResult {
  readonly part: HiddenPart;
  /** Hidden pixels of an image. */
  readonly hidden: number;
  /** Of the network that predicts the mean: about the smallest that there is, the variance of what is hidden. */
  readonly meanPredictor: Estimate;
  /** Of one draw. */
  readonly draw: Estimate;
  /** Of the average of all draws of an image. */
  readonly averageOfDraws: Estimate;
  /** Between two draws of an image. */
  readonly diversity: Estimate;
  /** Fréchet distance of whole images to real ones, on learned features; absent without labels to learn them from. */
  readonly frechet?: { readonly draws: number; readonly meanPredictor: number };
}

/** What `zerosum inpaint` measures. */
export interface Inpainting {
  readonly data: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Held-out images, and draws for each. */
  readonly count: number;
  readonly draws: number;
  readonly inpainter: Pick<Inpainter, 'seed' | 'steps' | 'energyWeight'>;
  readonly parts: readonly PartResult[];
  /** Which features, and the Fréchet distance of the held-out images themselves to the same real ones. */
  readonly features?: { readonly name: string; readonly heldOut: number };
}

/** What `measureInpainting` needs besides the inpainter. */
export interface InpaintingOptions {
  readonly completer: Completer;
  /** Held-out images, float32 [N, C, H, W] in [0, 1]. */
  readonly images: Tensor<'float32'>;
  readonly parts: readonly HiddenPart[];
  /** Completions of each image, at least 2. */
  readonly draws: number;
  readonly seed: number;
  /** Features, and real images that Fréchet distances are to: as many as `images`, none of them. */
  readonly frechet?: { readonly features: FeatureExtractor; readonly real: Tensor<'float32'> } | undefined;
  readonly onProgress?: ((what: string, done: number, of: number) => void) | undefined;
}

/**
 * How near completions come to what was hidden, and how much they differ from each other.
 *
 * Draws of the exact p(hidden | known) have twice the error of its mean, since hidden and drawn pixels vary alike and
 * independently, and two draws differ by as much: diversity / (2 x error of the mean predictor) is then 1. Draws that are all
 * the same have diversity 0.
 */
export async function measureInpainting(
  inpainter: Inpainter,
  { completer, images, parts, draws, seed, frechet, onProgress }: InpaintingOptions,
): Promise<Omit<Inpainting, 'data' | 'versions'>> {
  const [, channels, height, width] = images.shape as readonly [number, number, number, number];
  const count = images.shape[0]!;
  const distanceTo = frechet && (await frechetTo(frechet.features, frechet.real));
  const results: PartResult[] = [];
  for (const [index, part] of parts.entries()) {
    onProgress?.(`${part} hidden`, index, parts.length);
    const known = knownPixels(part, height, width, seed);
    const hidden = channels * known.reduce((total, value) => total + 1 - value, 0);
    const drawn: Tensor<'float32'>[] = [];
    let mean = images;
    for (let draw = 0; draw < draws; draw++) {
      const completed = await completer.complete(images, known, draw);
      drawn.push(completed.drawn);
      mean = completed.mean;
    }
    const error = (a: Tensor<'float32'>, b: Tensor<'float32'>) => squaredDifferences(a, b, hidden);
    const pairs = drawn.flatMap((a, i) => drawn.slice(i + 1).map((b) => error(a, b)));
    results.push({
      part,
      hidden,
      meanPredictor: estimate(error(mean, images)),
      draw: estimate(error(drawn[0]!, images)),
      averageOfDraws: estimate(error(average(drawn), images)),
      diversity: estimate(
        Array.from(
          { length: count },
          (_, i) => pairs.reduce((sum, pair) => sum + pair[i]!, 0) / pairs.length,
        ),
      ),
      ...(distanceTo
        ? { frechet: { draws: await distanceTo(drawn[0]!), meanPredictor: await distanceTo(mean) } }
        : {}),
    });
  }
  return {
    count,
    draws,
    inpainter: { seed: inpainter.seed, steps: inpainter.steps, energyWeight: inpainter.energyWeight },
    parts: results,
    ...(frechet && distanceTo
      ? { features: { name: frechet.features.name, heldOut: await distanceTo(images) } }
      : {}),
  };
}

async function frechetTo(
  features: FeatureExtractor,
  real: Tensor<'float32'>,
): Promise<(images: Tensor<'float32'>) => Promise<number>> {
  const of = async (images: Tensor<'float32'>) => {
    // A sum that ends a rounding above 1 is no pixel out of range.
    const data = images.data.map((value) => Math.min(Math.max(value, 0), 1));
    return (await features.extract({ ...images, data })).features;
  };
  const target = await of(real);
  return async (images) => {
    const { value } = frechetDistance(target, await of(images), { features: features.name });
    return value;
  };
}

/** Of each image, the sum of squared differences over so many hidden pixels. */
function squaredDifferences(
  { shape, data: a }: Tensor<'float32'>,
  { data: b }: Tensor<'float32'>,
  hidden: number,
): Float64Array {
  const size = a.length / shape[0]!;
  return Float64Array.from({ length: shape[0]! }, (_, row) => {
    let sum = 0;
    for (let i = row * size; i < (row + 1) * size; i++) sum += (a[i]! - b[i]!) ** 2;
    return sum / hidden;
  });
}

function average(tensors: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const data = new Float32Array(tensors[0]!.data.length);
  for (const tensor of tensors)
    for (let i = 0; i < data.length; i++) data[i]! += tensor.data[i]! / tensors.length;
  return { ...tensors[0]!, data };
}

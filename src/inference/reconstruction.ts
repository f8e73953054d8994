import type { ExampleSet } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import { predict, predictionProgram } from '../learned/prediction.ts';
import type { Session } from '../runtime/session.ts';
import { drawFeed } from '../train/feeder.ts';
import { type Encoder, encode } from './encoder.ts';
import type { FixedGenerator } from './fixed-generator.ts';
import { searchLatent } from './latent-search.ts';
import { latentSupport } from './latent-support.ts';

/** The ways from an image to its z, in the order in which they are shown. */
export const routes = ['encoder', 'searchFromEncoder', 'searchFromRandom'] as const;
/** `encoder`: one pass through it. The others: a search by descent, from the encoder's z or from a draw of p(z). */
export type Route = (typeof routes)[number];

/** What one route found. */
export interface Reconstruction {
  /** float32 [N, latentDim] */
  readonly latents: Tensor<'float32'>;
  /** G of them, float32 [N, C, H, W], pixels in [0, 1]. */
  readonly images: Tensor<'float32'>;
  /** Of each image, mean over its pixels of the squared difference. */
  readonly errors: Float64Array;
  /** Wall-clock time for all images. */
  readonly seconds: number;
}

/** What `reconstruct` needs besides the two networks. */
export interface ReconstructionOptions {
  /** Where it runs; its state gets the generator's variables. */
  readonly session: Session;
  /** Of the random starts: integer in [0, 2^32). */
  readonly seed: number;
  /** Iterations of each search. Default 300. */
  readonly searchSteps?: number | undefined;
  readonly onProgress?: ((what: string, done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Images that are searched at once: enough to fill a machine, few enough for any memory. */
const BLOCK = 128;

const [ENCODE, GENERATE] = ['inference/encode', 'inference/generate'];

/**
 * Images as a generator draws them, by three routes to their z: the encoder's own, and a search from it and from random z.
 *
 * @param images - float32 [N, C, H, W], pixels in [0, 1], N at least 1
 * @throws DataError where there are no images; as `searchLatent`
 */
export async function reconstruct(
  generator: FixedGenerator,
  encoder: Encoder,
  images: Tensor<'float32'>,
  { session, seed, searchSteps, onProgress, signal }: ReconstructionOptions,
): Promise<Readonly<Record<Route, Reconstruction>>> {
  const count = images.shape[0] ?? 0;
  if (count < 1) throw new DataError(`reconstruct: images must be at least 1, got ${count}`);
  await compile(generator, encoder, session);
  const finished = async (latents: Tensor<'float32'>, start: number): Promise<Reconstruction> => {
    const seconds = (performance.now() - start) / 1000;
    const drawn = (await predict(session, GENERATE, asSet(latents)))['images']!;
    return { latents, images: drawn, errors: errorsOf(drawn, images), seconds };
  };
  const search = async (what: string, start: Tensor<'float32'>): Promise<Reconstruction> => {
    const begin = performance.now();
    const found = new Float32Array(start.data.length);
    for (let first = 0; first < count; first += BLOCK) {
      const part = (tensor: Tensor<'float32'>) => rowsOf(tensor, first, Math.min(first + BLOCK, count));
      const { data } = await searchLatent(generator, {
        session,
        images: part(images),
        start: part(start),
        steps: searchSteps,
        signal,
        onProgress: (step, of) => onProgress?.(what, first * of + step * part(images).shape[0]!, count * of),
      });
      found.set(data, first * generator.latentDim);
    }
    return finished({ ...start, data: found }, begin);
  };
  const begin = performance.now();
  const predicted = (await predict(session, ENCODE, asSet(images)))['latents']!;
  const encoded = await finished(predicted, begin);
  return {
    encoder: encoded,
    searchFromEncoder: await search('search from the encoder', predicted),
    searchFromRandom: await search('search from random z', randomLatents(generator, count, seed)),
  };
}

async function compile(generator: FixedGenerator, encoder: Encoder, session: Session): Promise<void> {
  const { latent, exampleShape, latentDim } = generator;
  const { project } = latentSupport(latent, latentDim);
  await session.compile(
    predictionProgram({
      name: ENCODE,
      dimension: elementCount(exampleShape),
      variables: encoder.variables,
      weights: 'constants',
      build: (x, values) => ({
        latents: project(encode(generator, values, reshape(x, ['N', ...exampleShape]))),
      }),
    }),
  );
  await session.compile(
    predictionProgram({
      name: GENERATE,
      dimension: latentDim,
      variables: generator.variables,
      weights: 'constants',
      build: (z, values) => ({ images: generator.generate(values, z) }),
    }),
  );
}

/**
 * Draws of p(z), float32 [count, latentDim]; the first do not depend on how many there are.
 *
 * @param stream - `starts` of searches, or of samples that are to be found again
 */
export function randomLatents(
  { latent, latentDim }: Pick<FixedGenerator, 'latent' | 'latentDim'>,
  count: number,
  seed: number,
  stream: 'starts' | 'samples' = 'starts',
): Tensor<'float32'> {
  const shape = [count, latentDim];
  const data = new Float32Array(count * latentDim);
  const name = `inference/${stream}`;
  drawFeed({ name, dtype: 'float32', shape, recipe: latent.recipe }, seed, 0, data);
  return { dtype: 'float32', shape, data };
}

function asSet({ shape, data }: Tensor<'float32'>): ExampleSet {
  return { count: shape[0]!, examples: data };
}

function rowsOf({ shape, data }: Tensor<'float32'>, from: number, to: number): Tensor<'float32'> {
  const size = data.length / shape[0]!;
  return {
    dtype: 'float32',
    shape: [to - from, ...shape.slice(1)],
    data: data.slice(from * size, to * size),
  };
}

function errorsOf(drawn: Tensor<'float32'>, images: Tensor<'float32'>): Float64Array {
  const count = images.shape[0]!;
  const size = images.data.length / count;
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = row * size; i < (row + 1) * size; i++) sum += (drawn.data[i]! - images.data[i]!) ** 2;
    return sum / size;
  });
}

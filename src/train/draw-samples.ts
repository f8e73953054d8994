import type { Game } from '../gan/game.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import type { Session } from '../runtime/session.ts';
import { type ExportOptions, exportGenerator } from './export-generator.ts';
import { classFeeds, fillDrawn, type SampleClasses } from './sample-classes.ts';
import { sheetLatent } from './sheet-latent.ts';
import { settleSamples } from './table-samples.ts';

/** What is drawn from a trained generator, and where. */
export interface DrawOptions extends Pick<ExportOptions, 'averaged'> {
  /** Where it runs; its state is neither read nor changed. */
  readonly session: Session;
  /** A whole number of at least 1. */
  readonly count: number;
  /** Of the latent vectors: integer in [0, 2^32). The first vectors do not depend on `count`. */
  readonly seed: number;
  /** What they are made of, where the game has labels. Default `drawn`: uniformly, by the seed. */
  readonly classes?: SampleClasses | undefined;
}

/** Samples of one run: enough to fill a machine, few enough that memory does not grow with the count. */
const BATCH = 1000;

/**
 * Samples from a trained generator, in batches of at most 1000, so that any number of them can be drawn in the same
 * memory. It runs what `exportGenerator` writes.
 *
 * @param variables - of the game, as a checkpoint holds them
 * @yields float32 [n, ...example]: pixels in [0, 1], points in the data's units, or rows of a table as `decodeRows` takes them
 * @throws as `exportGenerator`; ExecutionError where the device fails
 */
export async function* drawSamples(
  game: Game,
  variables: Tensors,
  { session, count, seed, averaged, classes = 'drawn' }: DrawOptions,
): AsyncGenerator<Tensor<'float32'>, void, undefined> {
  await compileGenerator(session, game, variables, averaged);
  for (let first = 0; first < count; first += BATCH) {
    const [size, part] = [Math.min(BATCH, count - first), first / BATCH];
    const z = sheetLatent(game, seed, size, 'sample/latent', part);
    const asked = classes instanceof Uint8Array ? classes.subarray(first) : classes;
    const labels = classFeeds(game, asked, { seed, count: size, first, part });
    const { samples } = await session.run(PROGRAM, { z, ...labels });
    yield settleSamples(game, samples as Tensor<'float32'>, seed, 'sample/categories', part);
  }
}

/**
 * The classes that `drawSamples` draws where none are asked for: of a seed, the first do not depend on how many follow.
 *
 * @param labels - of a game that has them
 * @returns uint8 [count]
 * @throws ConfigError for more than 256 classes
 */
export function drawnClasses(
  { classes }: NonNullable<Game['labels']>,
  seed: number,
  count: number,
): Uint8Array {
  const drawn = new Uint8Array(count);
  for (let first = 0; first < count; first += BATCH)
    fillDrawn(drawn.subarray(first, first + BATCH), classes, seed, first / BATCH);
  return drawn;
}

/** What `samplesAt` needs besides the generator. */
export type SamplesAtOptions = Pick<DrawOptions, 'session' | 'averaged' | 'classes'>;

/**
 * What a trained generator makes of given latent vectors; of all classes in turn where the game has labels and none are asked
 * for. Of a table's categories it gives the probabilities, so that a path in z space is a path.
 *
 * @param z - float32 [N, latentDim]; taken over by the session
 * @returns float32 [N, ...example]: pixels in [0, 1], or points in the data's units
 * @throws as `drawSamples`
 */
export async function samplesAt(
  game: Game,
  variables: Tensors,
  z: Tensor<'float32'>,
  { session, averaged, classes = 'inTurn' }: SamplesAtOptions,
): Promise<Tensor<'float32'>> {
  await compileGenerator(session, game, variables, averaged);
  const labels = classFeeds(game, classes, { seed: 0, count: z.shape[0]! });
  const { samples } = await session.run(PROGRAM, { z, ...labels });
  return samples as Tensor<'float32'>;
}

const PROGRAM = 'generator';

async function compileGenerator(
  session: Session,
  game: Game,
  variables: Tensors,
  averaged: boolean | undefined,
): Promise<void> {
  const model = exportGenerator(game, variables, averaged === undefined ? {} : { averaged });
  await session.compile({ name: PROGRAM, model, carried: [] });
}

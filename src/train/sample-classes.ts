import { ConfigError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { fillClasses } from '../random/classes.ts';
import { streamOf } from '../random/threefry.ts';

/**
 * What the samples of a labelled generator are to be made of: one class for all, a class for each, all classes in turn (the
 * sheets': sample i is of class i mod classes), or classes drawn uniformly.
 */
export type SampleClasses = number | Uint8Array | 'inTurn' | 'drawn';

/** Which samples are meant: the first so many of a stretch. */
export interface SampleRange {
  readonly seed: number;
  readonly count: number;
  /** How many samples came before. Default 0. */
  readonly first?: number;
  /** Which stretch of the random stream. Default 0. */
  readonly part?: number;
}

/** Fills `out` with the classes of one stretch of samples, drawn uniformly. */
export function fillDrawn(out: Uint8Array, classes: number, seed: number, part: number): void {
  fillClasses({ seed, stream: streamOf('sample/labels') }, part, out, classes);
}

/**
 * The feed `labels`, int64 [count], of a program that draws samples; none where the game has no labels.
 *
 * @throws ConfigError for a class that there is not, or where classes are asked of a game without labels
 */
export function classFeeds(
  { labels }: Game,
  classes: SampleClasses | undefined,
  { seed, count, first = 0, part = 0 }: SampleRange,
): Tensors {
  if (!labels) {
    if (classes === undefined || typeof classes === 'string') return {};
    throw new ConfigError('samples: a class can be asked for only where the run has labels, got one without');
  }
  const numbers = new Uint8Array(count);
  if (typeof classes === 'number') numbers.fill(classes);
  else if (classes instanceof Uint8Array) numbers.set(classes.subarray(0, count));
  else if (classes === 'inTurn') for (let i = 0; i < count; i++) numbers[i] = (first + i) % labels.classes;
  else fillDrawn(numbers, labels.classes, seed, part);
  const wrong =
    typeof classes === 'number' && !(Number.isInteger(classes) && classes >= 0 && classes < labels.classes)
      ? classes
      : numbers.find((label) => label >= labels.classes);
  if (wrong !== undefined)
    throw new ConfigError(
      `samples: a class must be a whole number from 0 to ${labels.classes - 1}, got ${wrong}`,
    );
  const data = BigInt64Array.from(numbers, BigInt);
  return { labels: { dtype: 'int64', shape: [count], data } as Tensor<'int64'> };
}

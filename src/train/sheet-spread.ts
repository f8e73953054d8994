import type { Minibatches } from '../data/minibatches.ts';
import { type RealSpread, realSpread, type SampleSpread, sampleSpread } from '../eval/sample-spread.ts';
import { asSamples } from '../gan/example-format.ts';
import type { Game } from '../gan/game.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';

/** Measures how sheets of samples spread beside the data; undefined where that cannot be told. */
export type SheetSpread = (samples: Tensor<'float32'>) => SampleSpread | undefined;

/** Fewer examples than this say nothing about how the data spreads. */
const FEWEST = 20;

/**
 * A measure of sheets beside the first examples that a run trains on: 100 of them, or 500 of at most 64 numbers each, or
 * as many as a sheet or an epoch has. They are drawn and measured at the first sheet. Nothing can be told where those are
 * fewer than 20, or all the same.
 *
 * @param minibatches - of the run: which examples are taken depends on its seed
 */
export function sheetSpread(game: Pick<Game, 'examples'>, minibatches: Minibatches): SheetSpread {
  let real: { readonly spread: RealSpread | undefined } | undefined;
  return (samples) => {
    real ??= { spread: measured(game, minibatches, samples.shape[0]!) };
    return real.spread && sampleSpread(samples, real.spread);
  };
}

function measured(
  { examples }: Pick<Game, 'examples'>,
  minibatches: Minibatches,
  sheetSize: number,
): RealSpread | undefined {
  const { batch, k, stepsPerEpoch = Number.POSITIVE_INFINITY } = minibatches;
  const size = elementCount(examples.shape);
  const count = Math.min(size <= 64 ? 500 : 100, sheetSize, batch * k * stepsPerEpoch);
  if (count < FEWEST) return undefined;
  const data = firstExamples(minibatches, count, size);
  const spread = realSpread({
    dtype: 'float32',
    shape: [count, size],
    data: asSamples(data, examples),
  });
  return spread.nearestDistance > 0 ? spread : undefined;
}

/** The first examples of a run, [count, size], in the order in which it sees them. */
function firstExamples(minibatches: Minibatches, count: number, size: number): Uint8Array | Float32Array {
  const { batch, k, dtype } = minibatches;
  const length = Math.ceil(count / batch) * batch * size;
  const data = dtype === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
  for (let i = 0; i * batch < count; i++) minibatches.fill(Math.floor(i / k), i % k, data, i * batch * size);
  return data.subarray(0, count * size);
}

import { type Dataset, type FiniteDataset, isDistribution } from '../data/dataset.ts';
import { nearestNeighbours } from '../eval/distances.ts';
import { asSamples } from '../gan/example-format.ts';
import type { Game } from '../gan/game.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import { streamOf } from '../random/threefry.ts';
import type { Session } from '../runtime/session.ts';
import type { NearestExample } from './api.ts';

/** Training examples that are searched, and the numbers in them: 120 MB at most, and about a tenth of a second a question. */
const MOST_EXAMPLES = 10_000;
const MOST_NUMBERS = 30_000_000;

/** The first training examples of a data set as samples come out, [n, d]; of a density, draws. */
export interface SearchedExamples {
  readonly examples: Tensor<'float32'>;
  readonly shape: readonly number[];
  readonly labels: Uint8Array | undefined;
  readonly classes: readonly string[] | undefined;
}

/** @param dataset - what the run learns, as it is stored */
export function searchedExamples(
  { examples: format }: Pick<Game, 'examples'>,
  dataset: Dataset,
): SearchedExamples {
  const size = elementCount(format.shape);
  const most = Math.min(MOST_EXAMPLES, Math.floor(MOST_NUMBERS / size));
  const { shape } = format;
  if (isDistribution(dataset)) {
    const data = new Float32Array(most * size);
    dataset.draw({ seed: 0, stream: streamOf('nearest/real') }, 0, data);
    return {
      examples: { dtype: 'float32', shape: [most, size], data },
      shape,
      labels: undefined,
      classes: undefined,
    };
  }
  const { train, classes }: FiniteDataset = dataset;
  const count = Math.min(most, train.count);
  const data = asSamples(train.examples.subarray(0, count * size), format);
  return { examples: { dtype: 'float32', shape: [count, size], data }, shape, labels: train.labels, classes };
}

/** The training example that lies nearest to a sample, of those that are searched. */
export async function nearestExample(
  { examples, shape, labels, classes }: SearchedExamples,
  sample: Float32Array<ArrayBuffer>,
  session: Session,
): Promise<NearestExample> {
  const size = examples.shape[1]!;
  const asked: Tensor<'float32'> = { dtype: 'float32', shape: [1, size], data: sample };
  const { indices, squaredDistances } = await nearestNeighbours(session, asked, examples, 1);
  const index = indices[0]!;
  const label = labels && classes?.[labels[index]!];
  return {
    index,
    distance: Math.sqrt(squaredDistances[0]!),
    example: Array.from(examples.data.subarray(index * size, (index + 1) * size)),
    shape,
    searched: examples.shape[0]!,
    ...(label === undefined ? {} : { label }),
  };
}

import type { FiniteDataset } from '../data/dataset.ts';
import { placedColumns, type Table } from '../data/table/table.ts';
import { columnAssociations } from '../eval/column-associations.ts';
import { columnDistances } from '../eval/column-distances.ts';
import type { Tensor } from '../graph/tensor.ts';
import { permutation } from '../random/permutation.ts';
import { streamOf } from '../random/threefry.ts';
import type { PointMeasures } from './evaluation.ts';

/** The measures that a table allows: pairs only where there are two columns that vary. */
export function measuresOfTable(table: Table): readonly ('columns' | 'associations')[] {
  const varying = placedColumns(table).filter(({ size }) => size > 0).length;
  return varying > 1 ? ['columns', 'associations'] : ['columns'];
}

/** What is measured, and by which seed training rows are chosen. */
export interface TableEvaluationOptions {
  readonly measures: ReadonlySet<keyof PointMeasures>;
  readonly seed: number;
}

/**
 * Columns and pairs of columns of samples beside the test rows of a table, and the same of as many training rows as there are
 * samples, or all: no generator can be asked for less.
 *
 * @param samples - float32 [N, d], rows as `settleRows` leaves them
 */
export function tableMeasures(
  samples: Tensor<'float32'>,
  { table, train, test }: FiniteDataset,
  { measures, seed }: TableEvaluationOptions,
): Pick<PointMeasures, 'columns' | 'associations'> {
  if (!table) return {};
  const count = samples.shape[0]!;
  const width = samples.shape[1]!;
  const real = test.examples as Float32Array;
  const training = Math.min(count, train.count);
  const order = permutation({ seed, stream: streamOf('evaluate/training') }, 0, train.count);
  const seen = new Float32Array(training * width);
  for (const [i, row] of order.subarray(0, training).entries())
    seen.set(train.examples.subarray(row * width, (row + 1) * width), i * width);
  const protocol = (distance: string) => ({ samples: count, real: test.count, training, distance });

  const result: { -readonly [K in 'columns' | 'associations']?: PointMeasures[K] } = {};
  if (measures.has('columns'))
    result.columns = {
      ...columnDistances(table, real, samples.data),
      heldOut: columnDistances(table, real, seen).value,
      protocol: protocol('Kolmogorov-Smirnov of numbers, total variation of categories'),
    };
  if (measures.has('associations')) {
    const { value, pairs } = columnAssociations(table, real, samples.data);
    const heldOut = columnAssociations(table, real, seen).value;
    result.associations = {
      value: value!,
      pairs,
      heldOut: heldOut!,
      protocol: protocol("of Pearson's r, Cramér's V or the correlation ratio"),
    };
  }
  return result;
}

import { categoryBlocks } from '../data/table/table.ts';
import { settleRows } from '../data/table/table-rows.ts';
import type { Game } from '../gan/game.ts';
import type { Feed } from '../graph/feeds.ts';
import type { Tensor } from '../graph/tensor.ts';
import { drawFeed } from './feeder.ts';

/**
 * Samples of a table's generator as rows that the table could hold, in place: categories drawn with the probabilities that it
 * gave, numbers rounded (see `settleRows`). Other samples are left as they are. The first rows do not depend on how many there
 * are.
 *
 * @param samples - float32 [n, ...example]
 * @param stream - name of the random stream that the categories are drawn from
 * @param part - which stretch of it. Default 0
 * @returns `samples`
 */
export function settleSamples(
  { examples: { table } }: Pick<Game, 'examples'>,
  samples: Tensor<'float32'>,
  seed: number,
  stream: string,
  part = 0,
): Tensor<'float32'> {
  if (!table) return samples;
  const shape = [samples.shape[0]!, categoryBlocks(table).length];
  const recipe = { kind: 'uniform', low: 0, high: 1 } as const;
  const feed: Feed = { name: stream, dtype: 'float32', shape, recipe };
  const uniforms = new Float32Array(shape[0]! * shape[1]!);
  drawFeed(feed, seed, part, uniforms);
  settleRows(table, samples.data, uniforms);
  return samples;
}

import type { Game } from '../gan/game.ts';
import type { Feed } from '../graph/feeds.ts';
import type { Tensor } from '../graph/tensor.ts';
import { drawFeed } from './feeder.ts';

/**
 * Latent vectors [count, latentDim] of a game's distribution. The first rows do not depend on how many are asked for, so
 * a sheet of 100 begins with the sheet of 16.
 *
 * @param stream - name of the random stream; by default that of the sheets, so that every sheet shows the same z
 * @param part - which stretch of the stream: other vectors for every number. Default 0
 */
export function sheetLatent(
  game: Game,
  seed: number,
  count: number,
  stream = 'sheet/latent',
  part = 0,
): Tensor<'float32'> {
  const shape = [count, game.generator.network.inputShape[0]!];
  const feed: Feed = { name: stream, dtype: 'float32', shape, recipe: game.latent.recipe };
  const data = new Float32Array(shape[0]! * shape[1]!);
  drawFeed(feed, seed, part, data);
  return { dtype: 'float32', shape, data };
}

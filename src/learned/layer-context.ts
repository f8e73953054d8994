import { ShapeError } from '../errors.ts';
import type { Feeds } from '../graph/feeds.ts';
import type { LayerContext } from '../nn/layer.ts';

/** A pass that drops units: the masks are fed. */
export function trainingPass(feeds: Feeds): LayerContext {
  return {
    mode: 'train',
    bernoulli: (name, shape, probability) => feeds.bernoulli(name, shape, probability),
  };
}

/** A pass that is a function of its input alone. */
export const predictingPass: LayerContext = {
  mode: 'sample',
  bernoulli: (name) => {
    throw new ShapeError(`predict: a network must be a function of its input here, got the mask ${name}`);
  },
};

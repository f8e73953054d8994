import type { LayerConfig } from './network-config.ts';

/** Where something is wrong that no key says alone, and what must hold there. */
export interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What only the generator's last dense layer may say, found anywhere else. */
function misplaced(
  name: 'generator' | 'discriminator',
  layers: readonly LayerConfig[],
): Contradiction | undefined {
  const isSized = (it: LayerConfig) => typeof it === 'object' && ('dense' in it || 'maxout' in it);
  const output = name === 'generator' ? layers.findLastIndex(isSized) : -1;
  if (name === 'generator' && output < 0)
    return { path: [name, 'layers'], message: 'must hold a dense or maxout layer' };
  for (const [index, it] of layers.entries()) {
    if (typeof it === 'string' || !('dense' in it) || index === output) continue;
    const reason = "is for the generator's last dense layer";
    const path = [name, 'layers', index];
    if (it.dense === 'data')
      return { path: [...path, 'dense'], message: `must be a number of units ("data" ${reason})` };
    if (it.bias === 'marginals')
      return { path: [...path, 'bias'], message: `must be "zeros" or a number ("marginals" ${reason})` };
  }
  return undefined;
}

/** What the layers of a game contradict each other in, or undefined. */
export function layerContradiction(
  generator: readonly LayerConfig[],
  discriminator: readonly LayerConfig[],
): Contradiction | undefined {
  const last = discriminator.at(-1);
  if (typeof last !== 'object' || !('dense' in last) || last.dense !== 1) {
    const message =
      'must be {"dense": 1}, one logit for each example (the losses apply the sigmoid themselves)';
    return { path: ['discriminator', 'layers', discriminator.length - 1], message };
  }
  return misplaced('generator', generator) ?? misplaced('discriminator', discriminator);
}

import type { Distribution } from '../dataset.ts';
import { digitsSet } from '../digits/digits.ts';
import { gaussians1d, grid25, ring8, swissroll } from '../toy.ts';
import { cifar10 } from './cifar10-files.ts';
import { faces } from './faces-files.ts';
import type { GeneratedSet } from './generated-set.ts';
import type { LocalSet } from './local-set.ts';
import { type PublishedSet, publishedSets } from './published-files.ts';
import { tfd } from './tfd-file.ts';

/** A density to draw from: nothing to download, nothing to keep. */
interface ToySet {
  readonly source: 'density';
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  readonly distribution: Distribution;
}

/** A data set that has a name. */
export type NamedSet = GeneratedSet | LocalSet | PublishedSet | ToySet;

const toy = (what: string, distribution: Distribution): ToySet => ({
  source: 'density',
  name: distribution.name,
  what,
  distribution,
});

/** Every data set that has a name, in the order of `zerosum data list`. */
export const namedSets: readonly NamedSet[] = [
  { source: 'code', ...digitsSet },
  ...publishedSets,
  cifar10,
  tfd,
  faces,
  toy('8 gaussians on a ring', ring8),
  toy('25 gaussians on a grid', grid25),
  toy('a swiss roll, seen from its end', swissroll),
  toy('2 gaussians on a line', gaussians1d()),
];

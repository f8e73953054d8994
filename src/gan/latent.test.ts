import { expect, it } from 'vitest';
import { Feeds } from '../graph/feeds.ts';
import { gaussian, latentFeed, spherical, uniform } from './latent.ts';

// How these recipes are drawn, and that each coordinate has variance 1, is for train/feeder.test.ts to show.
it.each([
  [uniform, { kind: 'uniform', low: -Math.sqrt(3), high: Math.sqrt(3) }],
  [gaussian, { kind: 'normal', standardDeviation: 1 }],
  [spherical, { kind: 'spherical' }],
])('%o is declared as a batch that the host draws', (latent, recipe) => {
  const feeds = new Feeds();
  const z = latentFeed(feeds, 'generator/latent', latent, 64, 8);
  expect([z.dtype, z.shape]).toEqual(['float32', [64, 8]]);
  expect(feeds.list).toEqual([{ name: 'generator/latent', dtype: 'float32', shape: [64, 8], recipe }]);
});

it('a name can be declared once', () => {
  const feeds = new Feeds();
  latentFeed(feeds, 'latent', gaussian, 2, 3);
  expect(() => latentFeed(feeds, 'latent', gaussian, 2, 3)).toThrow(
    'feeds: names must be unique, got latent twice',
  );
});

import { describe, expect, it } from 'vitest';
import { ring8 } from '../data/toy.ts';
import { buildGame } from './build-game.ts';
import { datasetFacts } from './dataset-facts.ts';
import { latentPaths, latentWalk } from './latent-path.ts';
import { resolveConfig } from './resolve-config.ts';

const game = buildGame(resolveConfig({ preset: 'ring8', set: ['latentDim=3'] }), datasetFacts(ring8));

describe('latentPaths', () => {
  it('goes in equal steps from one vector to another', () => {
    const { shape, data } = latentPaths(game, { seed: 4, paths: 2, points: 5 });
    expect(shape).toEqual([10, 3]);
    for (const path of [0, 1]) {
      const point = (i: number, axis: number) => data[(path * 5 + i) * 3 + axis]!;
      for (let axis = 0; axis < 3; axis++) {
        const stride = (point(4, axis) - point(0, axis)) / 4;
        expect(Math.abs(stride)).toBeGreaterThan(0);
        for (let i = 0; i < 5; i++) expect(point(i, axis)).toBeCloseTo(point(0, axis) + i * stride, 5);
      }
    }
    expect(data[0]).not.toBe(data[15]);
  });

  it('has the same ends for any number of points', () => {
    const few = latentPaths(game, { seed: 4, paths: 1, points: 2 }).data;
    const many = latentPaths(game, { seed: 4, paths: 1, points: 9 }).data;
    expect(Array.from(many.slice(0, 3))).toEqual(Array.from(few.slice(0, 3)));
    expect(Array.from(many.slice(-3))).toEqual(Array.from(few.slice(-3)));
  });

  it('refuses a line without two ends', () => {
    expect(() => latentPaths(game, { seed: 1, paths: 1, points: 1 })).toThrow(
      'latentPaths: points must be a whole number of at least 2, got 1',
    );
  });
});

describe('latentWalk', () => {
  it('visits its corners, moves evenly, and comes back to where it began', () => {
    const frames = latentWalk(game, { seed: 4, walkers: 2, corners: 3, frames: 12 });
    expect(frames).toHaveLength(12);
    const length = (i: number) =>
      Math.hypot(
        ...frames[(i + 1) % 12]!.data.slice(0, 3).map((value, axis) => value - frames[i]!.data[axis]!),
      );
    for (let corner = 0; corner < 3; corner++)
      for (let step = 1; step < 4; step++)
        expect(length(corner * 4 + step)).toBeCloseTo(length(corner * 4), 5);
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { tinyGame } from '../../test/tiny-games.ts';
import { ConfigError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import { initialVariables } from '../gan/game.ts';
import { dense } from '../nn/dense.ts';
import { concatLabels } from '../nn/labels.ts';
import { sequential } from '../nn/sequential.ts';
import { sgd } from '../optim/sgd.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import { drawSamples, samplesAt } from './draw-samples.ts';
import { exportGenerator } from './export-generator.ts';
import { classFeeds, type SampleClasses } from './sample-classes.ts';

/** Points that tell their class: G(z, c) = (0, 1, 2)[c] in the first coordinate, z in the second. */
const optimiser = sgd({ learningRate: 1 });
const game: Game = {
  ...tinyGame({ shape: [2], range: 'data' }),
  labels: { classes: 3, ofSamples: 'uniform' },
  generator: {
    network: sequential('generator', [1], [concatLabels({ classes: 3 }), dense({ units: 2 })]),
    optimiser,
  },
};
const variables = {
  ...initialVariables(game, 1),
  'generator/dense1/weight': {
    dtype: 'float32' as const,
    shape: [4, 2],
    data: Float32Array.of(0, 1, 0, 0, 1, 0, 2, 0),
  },
};

const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
afterAll(() => session.release());

async function firstCoordinates(classes: SampleClasses | undefined, count: number): Promise<number[]> {
  const found: number[] = [];
  for await (const { data } of drawSamples(game, variables, { session, count, seed: 4, classes }))
    for (let i = 0; i < data.length; i += 2) found.push(data[i]!);
  return found;
}

describe('samples of a labelled generator', () => {
  it('are of the class that is asked for, of all in turn, or of one for each', async () => {
    expect(await firstCoordinates(2, 4)).toEqual([2, 2, 2, 2]);
    expect(await firstCoordinates('inTurn', 5)).toEqual([0, 1, 2, 0, 1]);
    expect(await firstCoordinates(Uint8Array.of(1, 0, 2), 3)).toEqual([1, 0, 2]);
  });

  it('are otherwise of classes drawn uniformly: the first do not depend on how many follow, over batches of 1000', async () => {
    const drawn = await firstCoordinates(undefined, 2500);
    expect(await firstCoordinates('drawn', 40)).toEqual(drawn.slice(0, 40));
    for (const stretch of [drawn.slice(0, 1000), drawn.slice(1000, 2000)])
      for (const label of [0, 1, 2]) {
        const share = stretch.filter((value) => value === label).length / 1000;
        // Four standard deviations.
        expect(Math.abs(share - 1 / 3)).toBeLessThan(4 * Math.sqrt(2 / 9 / 1000));
      }
    expect(drawn.slice(0, 1000)).not.toEqual(drawn.slice(1000, 2000));
  });

  it('in turn go on where a batch ends', async () => {
    const drawn = await firstCoordinates('inTurn', 1003);
    expect(drawn.slice(998)).toEqual([998 % 3, 999 % 3, 1000 % 3, 1001 % 3, 1002 % 3]);
  });

  it('at given z are of all classes in turn unless one is asked for', async () => {
    const at = async (classes?: SampleClasses) => {
      const z = { dtype: 'float32', shape: [3, 1], data: Float32Array.of(5, 6, 7) } as const;
      return [...(await samplesAt(game, variables, z, { session, classes })).data];
    };
    expect(await at()).toEqual([0, 5, 1, 6, 2, 7]);
    expect(await at(1)).toEqual([1, 5, 1, 6, 1, 7]);
  });

  it('an exported generator takes labels beside z', async () => {
    const model = exportGenerator(game, variables);
    await session.compile({ name: 'exported', model, carried: [] });
    const { samples } = await session.run('exported', {
      z: { dtype: 'float32', shape: [2, 1], data: Float32Array.of(-1, 3) },
      labels: { dtype: 'int64', shape: [2], data: BigInt64Array.of(2n, 0n) },
    });
    expect([...samples!.data]).toEqual([2, -1, 0, 3]);
  });

  it('no class that there is not, no class of games without', () => {
    const range = { seed: 1, count: 2 };
    for (const wrong of [3, -1, 1.5])
      expect(() => classFeeds(game, wrong, range)).toThrow(
        new ConfigError(`samples: a class must be a whole number from 0 to 2, got ${wrong}`),
      );
    expect(() => classFeeds(game, Uint8Array.of(0, 7), range)).toThrow('from 0 to 2, got 7');
    const plain = tinyGame({ shape: [2], range: 'data' });
    expect(classFeeds(plain, 'drawn', range)).toEqual({});
    expect(() => classFeeds(plain, 1, range)).toThrow(
      new ConfigError('samples: a class can be asked for only where the run has labels, got one without'),
    );
  });
});

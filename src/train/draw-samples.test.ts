import { afterAll, beforeAll, expect, test } from 'vitest';
import { generateByHand, tinyGame, trainedVariables } from '../../test/tiny-games.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { drawSamples } from './draw-samples.ts';
import { sheetLatent } from './sheet-latent.ts';

const game = tinyGame({ shape: [2], range: 'data', averageDecay: 0.9 });
const variables = trainedVariables(game);

let session: Session;
beforeAll(async () => {
  session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
});
afterAll(() => session.release());

async function draw(count: number, seed: number, averaged?: boolean) {
  const shapes: (readonly number[])[] = [];
  const all: number[] = [];
  const weights = averaged === undefined ? {} : { averaged };
  for await (const { shape, data } of drawSamples(game, variables, { session, count, seed, ...weights })) {
    shapes.push(shape);
    all.push(...data);
  }
  return { shapes, all };
}

test('any number comes in batches of at most 1000, the first ones alike, none twice', async () => {
  const { shapes, all } = await draw(2300, 1);
  expect(shapes).toEqual([
    [1000, 2],
    [1000, 2],
    [300, 2],
  ]);
  const few = await draw(30, 1);
  expect(few.all).toBeAllClose(all.slice(0, 60), { atol: 1e-6 });
  const points = Array.from({ length: 2300 }, (_, i) => `${all[2 * i]} ${all[2 * i + 1]}`);
  expect(new Set(points).size).toBeGreaterThan(2290);
});

test('they are the averaged generator at the vectors of their own stream, by default', async () => {
  const z = sheetLatent(game, 5, 30, 'sample/latent').data;
  const averaged = generateByHand(variables, z, 'average/');
  const last = generateByHand(variables, z);
  expect((await draw(30, 5)).all).toBeAllClose(averaged, { rtol: 1e-5, atol: 1e-6 });
  expect((await draw(30, 5, false)).all).toBeAllClose(last, { rtol: 1e-5, atol: 1e-6 });
  expect(sheetLatent(game, 5, 30).data).not.toEqual(z);
});

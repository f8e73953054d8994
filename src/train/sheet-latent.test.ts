import { expect, it } from 'vitest';
import { tinyGame } from '../../test/tiny-games.ts';
import { gaussian, spherical, uniform } from '../gan/latent.ts';
import { sheetLatent } from './sheet-latent.ts';

it.each([uniform, gaussian, spherical])('a sheet of 100 begins with the sheet of 16: %o', (latent) => {
  const game = tinyGame({ shape: [2], range: 'data', latent });
  const [few, many] = [sheetLatent(game, 3, 16), sheetLatent(game, 3, 100)];
  expect([few.shape, many.shape]).toEqual([
    [16, 5],
    [100, 5],
  ]);
  expect(few.data).toEqual(many.data.slice(0, 16 * 5));
  expect(few.data).not.toEqual(sheetLatent(game, 4, 16).data);
  expect(few.data).not.toEqual(sheetLatent(game, 3, 16, 'sample/latent').data);
});

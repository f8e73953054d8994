import { expect, it } from 'vitest';
import { mirror } from './mirror.ts';

it('mirrors each row of each channel, and twice is not at all', () => {
  const pixels = Uint8Array.from({ length: 2 * 2 * 3 }, (_, i) => i);
  mirror(pixels, 3);
  expect([...pixels]).toEqual([2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9]);
  mirror(pixels, 3);
  expect([...pixels]).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

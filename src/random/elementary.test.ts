import { expect, it } from 'vitest';
import { cosOfTurn, logOfFraction, sinOfTurn } from './elementary.ts';

const turn = 2 ** 32;
// Where the reductions meet: powers of two, powers of two times sqrt(1/2), and multiples of 1/8 turn.
const seams = Array.from({ length: 32 }, (_, bit) => [
  2 ** bit,
  Math.floor(2 ** (bit + 0.5)),
  (bit % 8) * 2 ** 29,
])
  .flat()
  .flatMap((word) => [word - 1, word, word + 1])
  .filter((word) => word >= 0 && word < turn);
const spread = Array.from({ length: 20_000 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 0);
const words = [0, turn - 2, turn - 1, ...seams, ...spread];

it('logOfFraction agrees with Math.log to 5e-10 of the value, and never reaches 0', () => {
  expect(words.map(logOfFraction)).toBeAllClose(
    words.map((word) => Math.log((word + 0.5) / turn)),
    { rtol: 5e-10, atol: 0 },
  );
  expect(logOfFraction(turn - 1)).toBeLessThan(0);
});

it('cosOfTurn and sinOfTurn agree with Math.cos and Math.sin to 2e-10', () => {
  expect(words.map(cosOfTurn)).toBeAllClose(
    words.map((word) => Math.cos((2 * Math.PI * word) / turn)),
    { rtol: 0, atol: 2e-10 },
  );
  expect(words.map(sinOfTurn)).toBeAllClose(
    words.map((word) => Math.sin((2 * Math.PI * word) / turn)),
    { rtol: 0, atol: 2e-10 },
  );
});

it('is exact at the quarters of a turn', () => {
  const quarters = [0, turn / 4, turn / 2, (3 * turn) / 4];
  expect(quarters.map(cosOfTurn)).toBeAllClose([1, 0, -1, 0], { rtol: 0, atol: 0 });
  expect(quarters.map(sinOfTurn)).toBeAllClose([0, 1, 0, -1], { rtol: 0, atol: 0 });
});

import { expect, it } from 'vitest';
import { loggedFigures } from './logged-figures.ts';

it('keeps seven digits and the step as a whole, and is what a log gives back', () => {
  const row = { step: 123456789, small: 1.23456789e-12, large: 98765432.1, 'D(x)': 1 / 3, none: Number.NaN };
  const logged = loggedFigures(row);
  expect(logged).toEqual({
    step: 123456789,
    small: 1.234568e-12,
    large: 98765430,
    'D(x)': 0.3333333,
    none: Number.NaN,
  });
  expect(loggedFigures(logged)).toEqual(logged);
});

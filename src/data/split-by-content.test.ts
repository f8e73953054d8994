import { expect, it } from 'vitest';
import { splitByContent } from './split-by-content.ts';

const examples = Array.from({ length: 50 }, (_, i) => ({ id: i, content: ((i * 7919) % 997).toString(16) }));
const ids = (part: readonly { readonly id: number }[]) => part.map(({ id }) => id);

it('splits every example into one of three parts, whatever their order', () => {
  const { train, validation, test } = splitByContent(examples, 0.1, 1000);
  expect([train.length, validation.length, test.length]).toEqual([40, 5, 5]);
  expect(new Set(ids([...train, ...validation, ...test])).size).toBe(50);
  const reversed = splitByContent([...examples].reverse(), 0.1, 1000);
  expect(ids(reversed.test)).toEqual(ids(test));
  expect(ids(reversed.train)).toEqual(ids(train));
});

it('keeps equal contents together, and counts them once', () => {
  const twice = [...examples, ...examples.map(({ id, content }) => ({ id: id + 50, content }))];
  const { train, validation, test } = splitByContent(twice, 0.1, 1000);
  expect([train.length, validation.length, test.length]).toEqual([80, 10, 10]);
  expect(new Set(ids(test).map((id) => id % 50)).size).toBe(5);
});

it('keeps back at most so many, and of few none', () => {
  expect(splitByContent(examples, 0.1, 3).test).toHaveLength(3);
  expect(splitByContent(examples.slice(0, 4), 0.1, 1000).train).toHaveLength(4);
  expect(splitByContent(examples, 0, 1000).train).toHaveLength(50);
});

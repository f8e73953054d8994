import { describe, expect, it } from 'vitest';
import { ConfigError, ShapeError } from '../errors.ts';
import { sheet } from './sheet.ts';

/** The picture as text, one digit a pixel, with the grey of the gap as a dot. */
const drawn = ({ width, channels, data }: { width: number; channels: number; data: Uint8Array }) =>
  Array.from({ length: data.length / (width * channels) }, (_, y) =>
    Array.from(data.subarray(y * width * channels, (y + 1) * width * channels), (value) =>
      value === 96 ? '.' : String(value),
    ).join(''),
  );

const three = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3);

describe('sheet', () => {
  it('lays images out row by row from the top left, as square as its cells', () => {
    expect(drawn(sheet(three, [3, 1, 2, 2]))).toEqual([
      '.......',
      '.12.56.',
      '.34.78.',
      '.......',
      '.91....',
      '.23....',
      '.......',
    ]);
  });

  it('takes columns, gap and scale', () => {
    expect(drawn(sheet(three, [3, 1, 2, 2], { columns: 3, gap: 0 }))).toEqual(['125691', '347823']);
    expect(drawn(sheet(three.subarray(0, 4), [1, 1, 2, 2], { scale: 2 }))).toEqual([
      '........',
      '........',
      '..1122..',
      '..1122..',
      '..3344..',
      '..3344..',
      '........',
      '........',
    ]);
  });

  it('interleaves the channels of colour images', () => {
    const image = sheet(three, [1, 3, 2, 2], { gap: 0 });
    expect(image).toMatchObject({ width: 2, height: 2, channels: 3 });
    expect([...image.data]).toEqual([1, 5, 9, 2, 6, 1, 3, 7, 2, 4, 8, 3]);
  });

  it.each([
    [[2, 1, 2, 2], 'images of shape [2, 1, 2, 2] must hold 8 bytes, one or more, got 12'],
    [[0, 1, 2, 2], 'must hold 0 bytes, one or more, got 12'],
    [[1, 2, 2, 3], 'images must have 1 or 3 channels, got 2 (shape [1, 2, 2, 3])'],
  ] as const)('refuses 12 bytes as %j', (shape, message) => {
    expect(() => sheet(three, shape)).toThrow(ShapeError);
    expect(() => sheet(three, shape)).toThrow(message);
  });

  it.each([{ columns: 0 }, { columns: 1.5 }, { gap: -1 }, { scale: 0 }, { scale: 0.5 }])(
    'refuses %j',
    (options) => {
      expect(() => sheet(three, [3, 1, 2, 2], options)).toThrow(ConfigError);
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32 } from '../../test/tensors.ts';
import type { Image } from '../io/image.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { neighbourFigure } from './neighbour-figure.ts';

let session: Session;
beforeAll(async () => {
  session = await openSession({ device: 'cpu', threads: 1 });
});
afterAll(() => session.release());

/** The red channel as text: a letter for what a byte stands for. */
function drawn({ width, height, data }: Image, letters: Readonly<Record<number, string>>): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => letters[data[(y * width + x) * 3]!] ?? '?').join(''),
  );
}

describe('neighbourFigure', () => {
  it('boxes the training image nearest to the last sample of each row', async () => {
    // One grey pixel each. Nearest to .2 is .25, number 1; nearest to .6 is .5, number 2.
    const samples = float32([5, 1], [0, 0.2, 1, 0.6, 0.9]);
    const training = float32([3, 1], [0, 0.25, 0.5]);
    const { image, nearest } = await neighbourFigure(session, samples, training, [1, 1, 1], {
      rows: 2,
      columns: 2,
      scale: 1,
    });
    expect(nearest).toEqual([1, 2]);
    expect(image).toMatchObject({ width: 11, height: 8, channels: 3 });
    const letters = { 0: 'a', 51: 'b', 255: 'c', 153: 'd', 64: '1', 128: '2', 96: '.' };
    // The box is of full red as the sample of 1 is: 'c'.
    expect(drawn(image, letters)).toEqual([
      '...........',
      '.......ccc.',
      '..a..b.c1c.',
      '.......ccc.',
      '.......ccc.',
      '..c..d.c2c.',
      '.......ccc.',
      '...........',
    ]);
    expect([...image.data.subarray((11 + 7) * 3, (11 + 8) * 3)]).toEqual([255, 221, 0]);
  });

  it('shows colours, and 4 rows of 5 samples by default', async () => {
    const samples = float32([20, 12], new Array<number>(240).fill(1));
    const training = float32([1, 12], [1, 1, 1, 1, 0, 0, 0, 0, 0.2, 0.2, 0.2, 0.2]);
    const { image, nearest } = await neighbourFigure(session, samples, training, [3, 2, 2]);
    expect(nearest).toEqual([0, 0, 0, 0]);
    expect(image).toMatchObject({ width: (6 * 4 + 2) * 2, height: (4 * 4 + 2) * 2, channels: 3 });
    const at = (4 * image.width + (5 * 4 + 2) * 2) * 3;
    expect([...image.data.subarray(at, at + 3)]).toEqual([255, 0, 51]);
  });

  it('refuses too few samples, images that are none, pixels out of range', async () => {
    const training = float32([1, 1], [0]);
    await expect(neighbourFigure(session, float32([3, 1], [0, 1, 0]), training, [1, 1, 1])).rejects.toThrow(
      'neighbourFigure: samples must be 20 or more, for 4 rows of 5, got 3',
    );
    await expect(neighbourFigure(session, float32([3, 1], [0, 1, 0]), training, [1])).rejects.toThrow(
      'neighbourFigure: an image must be [C, H, W] with 1 or 3 channels, got [1]',
    );
    await expect(
      neighbourFigure(session, float32([1, 1], [2]), training, [1, 1, 1], { rows: 1, columns: 1 }),
    ).rejects.toThrow('neighbourFigure: pixels of samples must lie in [0, 1], got 2 at row 0, number 0');
  });
});

import { describe, expect, it } from 'vitest';
import { type MatVariable, matFile } from '../../test/mat-file.ts';
import { DataError } from '../errors.ts';
import { decodeTfd } from './tfd.ts';

const size = 48 * 48;

/** The pixel of face n at a row and a column, written down for the test alone. */
const pixel = (n: number, row: number, column: number) => (31 * n + 5 * row + column) & 0xff;

/** Roles of 12 faces in column 0 and in column 4; the columns between leave everything unlabelled. */
const fold0 = [0, 1, 2, 3, 0, 0, 2, 3, 3, 1, 0, 0];
const fold4 = [0, 3, 1, 1, 0, 0, 3, 2, 1, 3, 0, 0];
const expressions = [-1, 1, 2, 3, -1, -1, 4, 5, 6, 7, -1, -1];

function variables(): Record<'images' | 'folds' | 'labs_ex' | 'labs_id', MatVariable> {
  const n = fold0.length;
  const images = new Uint8Array(n * size);
  for (let i = 0; i < n; i++)
    for (let row = 0; row < 48; row++)
      for (let column = 0; column < 48; column++) images[i + n * (row + 48 * column)] = pixel(i, row, column);
  const between = new Array(3 * n).fill(0);
  return {
    images: { name: 'images', shape: [n, 48, 48], data: images },
    folds: { name: 'folds', shape: [n, 5], data: [...fold0, ...between, ...fold4] },
    labs_ex: { name: 'labs_ex', shape: [n, 1], data: expressions },
    labs_id: { name: 'labs_id', shape: [n, 1], data: expressions },
  };
}

/** A face as one array, row by row. */
const face = (n: number) => Uint8Array.from({ length: size }, (_, i) => pixel(n, Math.floor(i / 48), i % 48));

describe('decodeTfd', () => {
  it.each([
    { fold: 0, train: [0, 4, 5, 10, 11], validation: [2, 6], test: [3, 7, 8] },
    { fold: 4, train: [0, 4, 5, 10, 11], validation: [7], test: [1, 6, 9] },
  ])('takes unlabelled faces to train on and the parts of fold $fold', ({ fold, ...parts }) => {
    for (const compressed of [false, true]) {
      const decoded = decodeTfd(matFile(Object.values(variables()), { compressed }), fold);
      for (const [name, rows] of Object.entries(parts)) {
        const { count, examples, labels } = decoded[name as keyof typeof parts];
        expect(count).toBe(rows.length);
        for (const [i, row] of rows.entries())
          expect(examples.subarray(i * size, (i + 1) * size), `${name} ${i}`).toEqual(face(row));
        const wanted = rows.map((row) => expressions[row]! - 1);
        expect(labels && [...labels]).toEqual(name === 'train' ? undefined : wanted);
      }
    }
  });

  const with_ = (change: Partial<ReturnType<typeof variables>>) =>
    Object.values({ ...variables(), ...change });
  const renamed = ({ name, ...rest }: MatVariable) => ({ name: `${name}_`, ...rest });
  const large = (name: string, shape: number[]) => ({
    name,
    shape,
    data: new Uint8Array(shape.reduce((a, b) => a * b)),
  });

  it.each([
    [
      'no images',
      with_({ images: renamed(variables().images) }),
      /^decodeTfd: f\.mat must hold images, uint8 \[n, 48, 48\], got none \(its variables: images_, folds, labs_ex, labs_id\)$/,
    ],
    [
      'larger images',
      with_({ images: large('images', [12, 96, 96]) }),
      /images, uint8 \[n, 48, 48\], got uint8 \[12, 96, 96\]/,
    ],
    [
      'folds of another length',
      with_({ folds: { name: 'folds', shape: [2, 5], data: new Array(10).fill(0) } }),
      /must hold folds, \[12, 5\] numbers for as many images, got float64 \[2, 5\]/,
    ],
    [
      'labels of another length',
      with_({ labs_ex: { name: 'labs_ex', shape: [3, 1], data: [1, 1, 1] } }),
      /must hold labs_ex, \[12, 1\] numbers for as many images, got float64 \[3, 1\]/,
    ],
    [
      'a face to validate without a label',
      with_({ labs_ex: { name: 'labs_ex', shape: [12, 1], data: new Array(12).fill(-1) } }),
      /must have labs_ex in 1 \.\.\. 7 where folds is 2, got -1 for image 2/,
    ],
    [
      'no unlabelled faces',
      with_({ folds: { name: 'folds', shape: [12, 5], data: new Array(60).fill(1) } }),
      /must hold images to train on \(0 in column 0 of folds\), got none of 12/,
    ],
  ])('%s', (_, content, message) => {
    expect(() => decodeTfd(matFile(content), 0, 'f.mat')).toThrow(DataError);
    expect(() => decodeTfd(matFile(content), 0, 'f.mat')).toThrow(message);
  });
});

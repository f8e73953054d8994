import { DataError } from '../errors.ts';
import type { ExampleSet } from './dataset.ts';
import { decodeMat, type MatArray } from './mat.ts';

/** The expressions of the Toronto Face Database in the order of its labels, which count from 1 in the file. */
export const tfdClasses: readonly string[] = [
  'anger',
  'disgust',
  'fear',
  'happiness',
  'sadness',
  'surprise',
  'neutral',
];

/** How many official ways there are of splitting the labelled faces. */
export const tfdFolds = 5;

/** What a column of `folds` says of a face; 1, the labelled faces to train classifiers on, is left to them. */
const roles = { unlabelled: 0, validation: 2, test: 3 } as const;

const side = 48;

/** The faces `rows` of column-major [count, 48, 48], row-major; labels from 0 where `expressions` is given. */
function select(images: MatArray, rows: readonly number[], expressions?: MatArray['data']): ExampleSet {
  const count = images.shape[0]!;
  const size = side * side;
  const examples = new Uint8Array(rows.length * size);
  // In blocks: a face lies scattered over the whole array, a few hundred of them share its cache lines.
  for (let first = 0; first < rows.length; first += 256) {
    const end = Math.min(first + 256, rows.length);
    for (let row = 0; row < side; row++)
      for (let column = 0; column < side; column++) {
        const from = count * (row + side * column);
        const to = row * side + column;
        for (let i = first; i < end; i++) examples[i * size + to] = images.data[from + rows[i]!]!;
      }
  }
  const labels = expressions && Uint8Array.from(rows, (row) => expressions[row]! - 1);
  return { count: rows.length, examples, ...(labels && { labels }) };
}

/**
 * The faces of `TFD_48x48.mat` as the released recipe takes them: the unlabelled ones to train on, and the fold's validation
 * and test faces with their expressions. The file holds `images` uint8 [n, 48, 48], `labs_ex` [n, 1] (1 ... 7; -1 where
 * unlabelled) and `folds` [n, 5] (0 unlabelled, 1 train, 2 validation, 3 test).
 *
 * @param fold - column of `folds`, 0 ... 4
 * @param source - what the bytes are called in errors, such as a path
 * @throws DataError if the file is none of MATLAB 5, or lacks a variable, or holds it in another shape or out of its range
 * @see Susskind, Anderson and Hinton 2010, The Toronto Face Database, UTML TR 2010-001
 */
export function decodeTfd(
  bytes: Uint8Array,
  fold: number,
  source = 'TFD_48x48.mat',
): Record<'train' | 'validation' | 'test', ExampleSet> {
  const fail = (rest: string) => new DataError(`decodeTfd: ${source} ${rest}`);
  const { arrays, others } = decodeMat(bytes, source);
  const variable = (name: string, fits: (array: MatArray) => boolean, wanted: string): MatArray => {
    const array = arrays[name];
    if (array && fits(array)) return array;
    const found = array ? `${array.dtype} [${array.shape.join(', ')}]` : (others[name] ?? 'none');
    const names = [...Object.keys(arrays), ...Object.keys(others)].join(', ');
    throw fail(`must hold ${name}, ${wanted}, got ${found} (its variables: ${names || 'none'})`);
  };

  const images = variable(
    'images',
    ({ dtype, shape }) =>
      dtype === 'uint8' && shape.length === 3 && shape[0]! > 0 && shape[1] === side && shape[2] === side,
    `uint8 [n, ${side}, ${side}]`,
  );
  const count = images.shape[0]!;
  const { data: folds } = variable(
    'folds',
    ({ shape }) => shape.length === 2 && shape[0] === count && shape[1] === tfdFolds,
    `[${count}, ${tfdFolds}] numbers for as many images`,
  );
  const { data: expressions } = variable(
    'labs_ex',
    ({ shape }) => shape.length === 2 && shape.includes(1) && Math.max(...shape) === count,
    `[${count}, 1] numbers for as many images`,
  );

  const rowsOf = (role: number): number[] => {
    const rows: number[] = [];
    for (let row = 0; row < count; row++) if (folds[fold * count + row] === role) rows.push(row);
    return rows;
  };
  const labelled = (role: number): ExampleSet => {
    const rows = rowsOf(role);
    const wrong = rows.find((row) => !(expressions[row]! >= 1 && expressions[row]! <= tfdClasses.length));
    if (wrong !== undefined)
      throw fail(
        `must have labs_ex in 1 ... ${tfdClasses.length} where folds is ${role}, got ${expressions[wrong]} for image ${wrong}`,
      );
    return select(images, rows, expressions);
  };
  const train = select(images, rowsOf(roles.unlabelled));
  if (train.count === 0)
    throw fail(`must hold images to train on (0 in column ${fold} of folds), got none of ${count}`);
  return { train, validation: labelled(roles.validation), test: labelled(roles.test) };
}

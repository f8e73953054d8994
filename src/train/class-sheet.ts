import type { Game } from '../gan/game.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sheetLatent } from './sheet-latent.ts';

/** What a sheet of labelled images is made of: one class a row, one z a column. */
export interface ClassSheet {
  /** float32 [rows * columns, latentDim], the same in every row of the sheet. */
  readonly z: Tensor<'float32'>;
  /** Class of each sample, uint8 [rows * columns]. */
  readonly classes: Uint8Array;
}

/** How a sheet is laid out. */
export interface ClassSheetOptions {
  /** A class a row. Default: all of them up to 20, more would take longer to draw than anyone looks at. */
  readonly rows?: readonly number[];
  /** Samples of each class. Default 10. */
  readonly columns?: number;
  /** Name of the random stream of z. Default: the sheets' of a training. */
  readonly stream?: string;
}

/** Samples of each class on a sheet. */
export const CLASS_SHEET_COLUMNS = 10;
const MOST_ROWS = 20;

/**
 * Latent vectors and classes of a sheet that shows what the class alone changes: each row is of one class, each column of
 * one z.
 *
 * @param game - one with labels
 */
export function classSheet(
  game: Game,
  seed: number,
  {
    rows = Array.from({ length: Math.min(MOST_ROWS, game.labels?.classes ?? 1) }, (_, label) => label),
    columns = CLASS_SHEET_COLUMNS,
    stream,
  }: ClassSheetOptions = {},
): ClassSheet {
  const row = sheetLatent(game, seed, columns, stream);
  const data = new Float32Array(rows.length * row.data.length);
  const classes = new Uint8Array(rows.length * columns);
  for (const [i, label] of rows.entries()) {
    data.set(row.data, i * row.data.length);
    classes.fill(label, i * columns, (i + 1) * columns);
  }
  return { z: { dtype: 'float32', shape: [classes.length, row.shape[1]!], data }, classes };
}

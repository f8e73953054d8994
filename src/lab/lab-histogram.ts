import type { CountedCells } from '../theory/cell-divergences.ts';
import { requireMasses } from '../theory/cell-divergences.ts';
import type { Density } from '../theory/density.ts';
import type { Interval } from '../theory/quadrature.ts';

/** A line or plane in equal cells: `size` an axis over a box, and on beyond it as far as there are samples. */
export interface CellGrid {
  readonly density: Density;
  readonly box: readonly Interval[];
  readonly size: number;
  /** Edge of a cell by axis. */
  readonly widths: readonly number[];
  /** Exact probability of each cell of the box, [size] or [row, column] with row 0 at the lowest y. */
  readonly masses: Float64Array;
  /** Exact probability of all that lies outside. */
  readonly outside: number;
}

/** Samples counted in the cells of a grid. */
export interface Histogram extends CountedCells {
  readonly grid: CellGrid;
  /** Share of the samples outside of the box. */
  readonly outside: number;
  /** The cell that each sample lies in, as an index into `p` and `counts`. */
  readonly cellOf: Uint32Array;
}

/**
 * Cuts a box into cells and computes the exact probability of each.
 *
 * @throws ConfigError where the cells and what lies outside do not sum to 1
 */
export function cellGrid(density: Density, box: readonly Interval[], size: number): CellGrid {
  const widths = box.map(([low, high]) => (high - low) / size);
  const edge = (axis: number, i: number): number => box[axis]![0] + i * widths[axis]!;
  const rows = density.dimension === 1 ? 1 : size;
  const masses = new Float64Array(rows * size);
  for (let row = 0; row < rows; row++) {
    const up: Interval | undefined = density.dimension === 1 ? undefined : [edge(1, row), edge(1, row + 1)];
    for (let column = 0; column < size; column++)
      masses[row * size + column] = density.mass([edge(0, column), edge(0, column + 1)], up);
  }
  const outside = Math.max(0, 1 - density.mass(box[0]!, box[1]));
  requireMasses('cellGrid', [...masses, outside]);
  return { density, box, size, widths, masses, outside };
}

/** Further out than this many cells all samples count as one. */
const FAR = 2 ** 24;

/**
 * Counts samples in the cells of a grid; those outside of the box get cells of the same size there, with exact probabilities
 * too.
 *
 * @param samples - [n, d], in the data's units
 */
export function countInCells(grid: CellGrid, samples: Float32Array): Histogram {
  const { density, box, size, widths, masses } = grid;
  const { dimension } = density;
  const n = samples.length / dimension;
  const cellOf = new Uint32Array(n);
  const beyond = new Map<number, number>();
  const places: number[][] = [];
  const counts: number[] = Array.from(masses, () => 0);
  let outside = 0;
  for (let i = 0; i < n; i++) {
    const at = [0, 0];
    let isInside = true;
    for (let axis = 0; axis < dimension; axis++) {
      const index = Math.floor((samples[i * dimension + axis]! - box[axis]![0]) / widths[axis]!);
      at[axis] = Math.min(FAR, Math.max(-FAR, index));
      isInside &&= index >= 0 && index < size;
    }
    let cell = at[1]! * size + at[0]!;
    if (!isInside) {
      outside++;
      const key = (at[1]! + FAR) * 2 ** 26 + at[0]! + FAR;
      cell = beyond.get(key) ?? counts.push(0) - 1;
      if (!beyond.has(key)) places.push(at);
      beyond.set(key, cell);
    }
    counts[cell]!++;
    cellOf[i] = cell;
  }
  const boxOf = ([column, row]: readonly number[]): Interval[] =>
    box.map(([low], axis) => {
      const index = axis === 0 ? column! : row!;
      return [low + index * widths[axis]!, low + (index + 1) * widths[axis]!];
    });
  const massOf = (place: readonly number[]): number => {
    const [across, up] = boxOf(place);
    return density.mass(across!, up);
  };
  const placeOf = (cell: number): readonly number[] =>
    cell < masses.length ? [cell % size, Math.floor(cell / size)] : places[cell - masses.length]!;
  return {
    grid,
    p: Float64Array.from([...masses, ...places.map(massOf)]),
    counts: Uint32Array.from(counts),
    n,
    // So far out that the probability is no number, its logarithm still is.
    logP(cell) {
      const intervals = boxOf(placeOf(cell));
      const middle = intervals.map(([low, high]) => (low + high) / 2);
      const volume = intervals.reduce((product, [low, high]) => product * (high - low), 1);
      return density.logDensity(middle[0]!, middle[1]) + Math.log(volume);
    },
    outside: outside / n,
    cellOf,
  };
}

/** `D* = p / (p + q)` of a cell with exact probability p and a share q of the samples; NaN where both are 0. */
export function optimalInCell({ p, counts, n }: CountedCells, cell: number): number {
  const q = counts[cell]! / n;
  return p[cell]! / (p[cell]! + q);
}

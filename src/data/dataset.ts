import type { Key } from '../random/threefry.ts';
import type { Table } from './table/table.ts';

/** Part of a data set: `count` examples one after another, row-major `[count, ...exampleShape]`. */
export interface ExampleSet {
  readonly count: number;
  /** Pixels as uint8 0..255 or float32 in [0, 1]; points as float32 in the data's own units. */
  readonly examples: Uint8Array | Float32Array;
  /** Class of each example, uint8 `[count]`; absent where the data has no classes. */
  readonly labels?: Uint8Array;
}

/** Examples that stay in a file and are read one by one, so that there may be more of them than memory holds. */
export interface StoredExamples {
  readonly count: number;
  /** Class of each example, uint8 `[count]`; absent where the data has no classes. */
  readonly labels?: Uint8Array;
  /**
   * Writes example `index`, uint8 pixels, into `out` at element `offset`.
   *
   * @throws DataError where the file was damaged or cannot be read
   */
  read(index: number, out: Uint8Array, offset: number): void;
}

/** A data set of so many examples: images, or points from a file. */
export interface FiniteDataset {
  readonly kind: 'images' | 'points';
  readonly name: string;
  /** Shape of one example: images `[C, H, W]`, points `[d]`. */
  readonly exampleShape: readonly number[];
  readonly train: ExampleSet;
  readonly validation: ExampleSet;
  readonly test: ExampleSet;
  /**
   * All training examples, where they stay in a file: minibatches are cut from these. `train` then holds the first of them,
   * as many as memory should hold, in an order that is as good as random: measures and pictures take those.
   */
  readonly stored?: StoredExamples;
  /** Whether training is to see every second image mirrored left to right, at random. Default: none. */
  readonly mirrored?: boolean;
  /** Names of the classes in the order of their labels. */
  readonly classes?: readonly string[];
  /** Of points that are the rows of a table: how they become rows again. */
  readonly table?: Table;
  /** SHA-256 (hex) of shape, examples and labels: two sets with one fingerprint train alike. */
  readonly fingerprint: string;
}

/** The components of a mixture of isotropic Gaussians with one deviation: what mode coverage is measured against. */
export interface Modes {
  /** `[modes][d]`, in the data's own units. */
  readonly centres: readonly (readonly number[])[];
  readonly standardDeviation: number;
}

/** One isotropic Gaussian of a mixture, in the data's own units. */
export interface Component {
  /** `[d]` */
  readonly centre: readonly number[];
  readonly deviation: number;
  /** Share of the draws; those of a mixture sum to 1. */
  readonly weight: number;
}

/** A toy set: endless fresh draws from a known density. */
export interface Distribution {
  readonly kind: 'points';
  readonly name: string;
  /** Shape of one example, `[d]`. */
  readonly exampleShape: readonly [number];
  /** Fills `out`, float32 `[n, d]`, with draws that depend on `key` and `step` only. */
  draw(key: Key, step: number, out: Float32Array): void;
  /** Absent for densities that are no such mixture, like the swiss roll's. */
  readonly modes?: Modes;
  /** The exact mixture, where the density is one of Gaussians: what `densityOf` is made from. */
  readonly components?: readonly Component[];
  /** Name and parameters in words: changes when the density does. */
  readonly fingerprint: string;
}

/** What a generator learns: a finite set of examples or a density to draw from. */
export type Dataset = FiniteDataset | Distribution;

/** How many examples are trained on, in memory or not. */
export function trainingCount({ train, stored }: Pick<FiniteDataset, 'train' | 'stored'>): number {
  return stored?.count ?? train.count;
}

/** Whether `dataset` is a density that is drawn from, rather than a set of examples. */
export function isDistribution(dataset: object): dataset is Distribution {
  return 'draw' in dataset;
}

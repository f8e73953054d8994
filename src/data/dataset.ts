import type { Key } from '../random/threefry.ts';

/** Examples of one split, row-major: [count, ...exampleShape]. */
export interface ExampleSet {
  readonly count: number;
  /** Pixels as uint8 in 0 ... 255, or float32 values in the units of the data. */
  readonly examples: Uint8Array | Float32Array;
  /** uint8 [count]: indices into `classes`. */
  readonly labels?: Uint8Array;
}

/** A data set with a fixed number of examples: images, or the rows of an array. */
export interface FiniteDataset {
  readonly kind: 'images' | 'points';
  readonly name: string;
  /** [C, H, W] for images, [d] for points. */
  readonly exampleShape: readonly number[];
  readonly train: ExampleSet;
  /** Held out of the training file; for choosing settings. Empty where a file is too small to split. */
  readonly validation: ExampleSet;
  readonly test: ExampleSet;
  /** Names of the labels, in the order of their indices. */
  readonly classes?: readonly string[];
  /** SHA-256 in hex of shape, examples and labels: says whether a resumed run sees the data it began with. */
  readonly fingerprint: string;
}

/** The centres of a mixture whose components share one isotropic deviation: what mode coverage is measured against. */
export interface Modes {
  /** [modes][d], in the units of the data. */
  readonly centres: readonly (readonly number[])[];
  readonly standardDeviation: number;
}

/** A toy set: endless fresh draws from a density that is known. */
export interface Distribution {
  readonly kind: 'points';
  readonly name: string;
  readonly exampleShape: readonly [number];
  /** Fills `out`, float32 [n, d], with n draws that depend on `key` and `step` alone. */
  draw(key: Key, step: number, out: Float32Array): void;
  /** Absent where the density has no separate modes, as the swiss roll's. */
  readonly modes?: Modes;
  /** Name and parameters: equal exactly where the density is. */
  readonly fingerprint: string;
}

/** What a run trains on. */
export type Dataset = FiniteDataset | Distribution;

/** True for a data set that is drawn afresh instead of stored. */
export function isDistribution(dataset: Dataset): dataset is Distribution {
  return 'draw' in dataset;
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeIdxImages, decodeIdxLabels } from '../src/data/idx.ts';
import type { Tensor } from '../src/graph/tensor.ts';
import { float32, type ReferenceArray, readReference } from './tensors.ts';

/** What numpy and scipy say of a pair of sets: scripts/reference/measures.py. */
export interface ExpectedMeasures {
  readonly frechet: number;
  readonly frechetAtHalf: number;
  readonly kernel: number;
  readonly kernelError: number;
  readonly precision: number;
  readonly recall: number;
  readonly density: number;
  readonly coverage: number;
}

/** The same of how near samples lie to a training set. */
export interface ExpectedNeighbours {
  readonly nearDuplicates: number;
  readonly heldOutNearDuplicates: number;
  readonly medianDistanceRatio: number;
}

interface MomentArrays {
  readonly mean: ReferenceArray;
  readonly covariance: ReferenceArray;
}

/** test/reference/measures.json. */
export interface MeasuresReference {
  readonly seed: number;
  readonly gaussians: {
    readonly real: ReferenceArray;
    readonly fake: ReferenceArray;
    readonly expected: ExpectedMeasures;
  };
  readonly pixels: ExpectedMeasures;
  readonly blocks: ExpectedMeasures;
  readonly moments: { readonly a: MomentArrays; readonly b: MomentArrays; readonly frechet: number };
  readonly neighbours: {
    readonly gaussians: { readonly samples: ReferenceArray; readonly expected: ExpectedNeighbours };
    readonly pixels: ExpectedNeighbours;
  };
  readonly inceptionScore: {
    readonly probabilities: ReferenceArray;
    readonly whole: number;
    readonly splits: Readonly<Record<string, { readonly value: number; readonly standardError: number }>>;
  };
}

export const measuresReference: MeasuresReference = readReference<MeasuresReference>('measures');

const { gaussians, pixels, blocks } = measuresReference;
const folder = join(process.env['ZEROSUM_DATA'] ?? '../shared/data', 'mnist');

/** Whether MNIST is here; a test file that imports this says once what it leaves out. */
export const hasMnist: boolean = existsSync(join(folder, 't10k-images-idx3-ubyte.gz'));
if (!hasMnist) console.log(`skipped: measures on MNIST (no ${folder}; set ZEROSUM_DATA)`);

const unpacked = new Map<string, Uint8Array>();

/** MNIST's images by number, uint8 [to - from, 784]. */
export function mnistBytes(part: 'train' | 't10k', from: number, to: number): Uint8Array {
  const file = join(folder, `${part}-images-idx3-ubyte.gz`);
  const pixels = unpacked.get(file) ?? decodeIdxImages(readFileSync(file)).pixels;
  unpacked.set(file, pixels);
  return pixels.subarray(from * 784, to * 784);
}

/** MNIST's classes by number, uint8 [to - from]. */
export function mnistLabels(part: 'train' | 't10k', from: number, to: number): Uint8Array {
  return decodeIdxLabels(readFileSync(join(folder, `${part}-labels-idx1-ubyte.gz`))).subarray(from, to);
}

/** Bytes as pixels in [0, 1], float32 [n, 784]. */
export function asPixels(bytes: Uint8Array): Tensor<'float32'> {
  return {
    dtype: 'float32',
    shape: [bytes.length / 784, 784],
    data: Float32Array.from(bytes, (b) => b / 255),
  };
}

/** Means of blocks of 4 x 4 pixels, float32 [n, 49]: features in few dimensions that any language computes alike. */
function asBlocks(bytes: Uint8Array): Tensor<'float32'> {
  const count = bytes.length / 784;
  const data = new Float32Array(count * 49);
  for (let at = 0; at < data.length; at++) {
    const [image, block] = [Math.floor(at / 49), at % 49];
    let sum = 0;
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 4; x++)
        sum += bytes[image * 784 + (4 * Math.floor(block / 7) + y) * 28 + 4 * (block % 7) + x]!;
    data[at] = sum / (16 * 255);
  }
  return { dtype: 'float32', shape: [count, 49], data };
}

/** Two sets and what the reference says of them. */
export interface MeasuredSets {
  readonly name: string;
  readonly real: Tensor<'float32'>;
  readonly fake: Tensor<'float32'>;
  readonly expected: ExpectedMeasures;
}

/** Gaussians in 4 dimensions, and where MNIST is here test images against training images in two kinds of features. */
export const measuredSets: readonly MeasuredSets[] = [
  {
    name: 'Gaussians',
    real: float32(gaussians.real.shape, gaussians.real.data),
    fake: float32(gaussians.fake.shape, gaussians.fake.data),
    expected: gaussians.expected,
  },
  ...(hasMnist
    ? [
        { name: 'MNIST as pixels', as: asPixels, expected: pixels },
        { name: 'MNIST as blocks', as: asBlocks, expected: blocks },
      ].map(({ name, as, expected }) => ({
        name,
        real: as(mnistBytes('t10k', 0, 300)),
        fake: as(mnistBytes('train', 0, 350)),
        expected,
      }))
    : []),
];

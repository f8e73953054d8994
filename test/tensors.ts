import { readFileSync } from 'node:fs';
import type { Tensor } from '../src/graph/tensor.ts';

/** An array as the files of test/reference hold it, row-major. */
export interface ReferenceArray {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** The content of test/reference/NAME.json, which scripts/reference made. */
export function readReference<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./reference/${name}.json`, import.meta.url), 'utf8'));
}

/** A float32 tensor from numbers. */
export function float32(shape: readonly number[], data: ArrayLike<number>): Tensor<'float32'> {
  return { dtype: 'float32', shape, data: Float32Array.from(data) };
}

/** A bool tensor from zeros and ones. */
export function bool(shape: readonly number[], data: ArrayLike<number>): Tensor<'bool'> {
  return { dtype: 'bool', shape, data: Uint8Array.from(data) };
}

/** Reference arrays as float32 tensors under the same names. */
export function float32s(arrays: Readonly<Record<string, ReferenceArray>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { shape, data }]) => [name, float32(shape, data)]),
  );
}

/** Element types that a graph may hold. `float64` is for tests; `bool` is stored as one byte, 0 or 1. */
export type DType = 'float32' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool';

/** The JavaScript array that holds each dtype's elements. */
export interface ArrayOf {
  float32: Float32Array<ArrayBuffer>;
  float64: Float64Array<ArrayBuffer>;
  int64: BigInt64Array<ArrayBuffer>;
  int32: Int32Array<ArrayBuffer>;
  uint8: Uint8Array<ArrayBuffer>;
  bool: Uint8Array<ArrayBuffer>;
}

/** A dense row-major array on the host: what goes into a session and what comes out. */
export interface Tensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayOf[D];
}

/** Named tensors: state, feeds, results. */
export type Tensors = Readonly<Record<string, Tensor>>;

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes that one element takes. */
export function bytesPerElement(dtype: DType): number {
  return constructors[dtype].BYTES_PER_ELEMENT;
}

/** A zero-filled array for `length` elements of `dtype`. */
export function allocate<D extends DType>(dtype: D, length: number): ArrayOf[D] {
  return new constructors[dtype](length) as ArrayOf[D];
}

/** A tensor `[]`. */
export function scalarTensor(dtype: DType, value: number): Tensor {
  const data = allocate(dtype, 1);
  if (data instanceof BigInt64Array) data[0] = BigInt(value);
  else data[0] = value;
  return { dtype, shape: [], data };
}

/** A view of `bytes` as elements of `dtype`, copied where the offset is not aligned for that dtype. */
export function viewAs<D extends DType>(dtype: D, bytes: Uint8Array): ArrayOf[D] {
  const size = bytesPerElement(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const buffer = aligned.buffer as ArrayBuffer;
  return new constructors[dtype](buffer, aligned.byteOffset, aligned.byteLength / size) as ArrayOf[D];
}

/** The bytes of a tensor's data, without a copy. */
export function bytesOf(tensor: Tensor): Uint8Array {
  return new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
}

import fc from 'fast-check';
import { type DType, elementCount, type Tensor, viewAs } from '../src/graph/tensor.ts';

const sizes = { float32: 4, float64: 8, int64: 8, int32: 4, uint8: 1, bool: 1 } as const;

/** Tensors of every dtype, rank 0 to 4 and any bit pattern, infinities and NaNs included. */
export const arbitraryTensor: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom<DType[]>('float32', 'float64', 'int64', 'int32', 'uint8', 'bool'),
    shape: fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
  })
  .chain(({ dtype, shape }) => {
    const bytes = elementCount(shape) * sizes[dtype];
    const max = dtype === 'bool' ? 1 : 255;
    return fc
      .uint8Array({ minLength: bytes, maxLength: bytes, max })
      .map((data): Tensor => ({ dtype, shape, data: viewAs(dtype, new Uint8Array(data)) }));
  });

/** A tensor as what `toEqual` compares bit for bit: NaNs by their payload, and the array's class through `dtype`. */
export function bitsOf({ dtype, shape, data }: Tensor): { dtype: DType; shape: number[]; bytes: number[] } {
  return {
    dtype,
    shape: [...shape],
    bytes: [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)],
  };
}

import { ShapeError } from '../errors.ts';
import { broadcastShapes, type Dim, formatShape, type Shape, type TensorType } from './shapes.ts';
import type { DType } from './tensor.ts';

/** Element types by what may be computed with them; uint8 has no kernels for products and powers. */
export const floats: readonly DType[] = ['float32', 'float64'];
export const integers: readonly DType[] = ['int64', 'int32'];
export const numbers: readonly DType[] = [...floats, ...integers, 'uint8'];

/** The dtype that all operands share. @throws ShapeError where they differ or the operator has no kernel for it */
export function requireDType(
  caller: string,
  allowed: readonly DType[],
  operands: readonly TensorType[],
): DType {
  const dtypes = operands.map(({ dtype }) => dtype);
  const [first] = dtypes;
  if (dtypes.some((dtype) => dtype !== first)) {
    throw new ShapeError(`${caller}: operands must have one dtype, got ${dtypes.join(' and ')}. Use cast`);
  }
  if (!allowed.includes(first!)) {
    throw new ShapeError(`${caller}: dtype must be ${listed(allowed)}, got ${first}. Use cast`);
  }
  return first!;
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** Matrix product of `gemm`: [M, K] by [K, N], each transposed first where asked. */
export function gemmShape(a: Shape, b: Shape, transA: boolean, transB: boolean): Shape {
  if (a.length !== 2 || b.length !== 2) {
    throw new ShapeError(
      `gemm: a and b must have rank 2, got ${formatShape(a)} and ${formatShape(b)}. Use matmul or reshape`,
    );
  }
  const [rows, inner] = transA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [innerB, columns] = transB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  if (inner !== innerB) {
    throw new ShapeError(
      `gemm: inner sizes must agree, got ${inner} and ${innerB} (a ${formatShape(a)}${transA ? ' transposed' : ''}, b ${formatShape(b)}${transB ? ' transposed' : ''})`,
    );
  }
  return [rows, columns];
}

/** Matrix product over the last two axes, leading axes broadcast. */
export function matmulShape(a: Shape, b: Shape): Shape {
  const context = `(a ${formatShape(a)}, b ${formatShape(b)})`;
  if (a.length < 2 || b.length < 2) {
    throw new ShapeError(
      `matmul: a and b must have rank 2 or more, got ${formatShape(a)} and ${formatShape(b)}. Use unsqueeze`,
    );
  }
  if (a.at(-1) !== b.at(-2)) {
    throw new ShapeError(`matmul: inner sizes must agree, got ${a.at(-1)} and ${b.at(-2)} ${context}`);
  }
  if (a.includes(0) || b.includes(0)) {
    // ONNX Runtime 1.30 forgets to broadcast the batch of an empty product.
    throw new ShapeError(`matmul: sizes must be at least 1, got ${formatShape(a)} and ${formatShape(b)}`);
  }
  return [...broadcastShapes('matmul', a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!];
}

/** `to`, where it holds as many elements as `from`. */
export function reshapedShape(from: Shape, to: Shape): Shape {
  const sizes = reshapeSizes(to);
  const symbolic = (shape: Shape): string => shape.filter((dim) => typeof dim === 'string').join();
  const product = (shape: Shape): number =>
    shape.reduce<number>((total, dim) => (typeof dim === 'number' ? total * dim : total), 1);
  if (symbolic(from) !== symbolic(to) || product(from) !== product(to)) {
    throw new ShapeError(
      `reshape: element counts must agree, got ${formatShape(from)} to ${formatShape(to)} (${product(from)} against ${product(to)})`,
    );
  }
  if (sizes.includes(-1) && sizes.includes(0)) {
    throw new ShapeError(`reshape: a symbolic size cannot be inferred beside a 0, got ${formatShape(to)}`);
  }
  return to;
}

/** A shape as `Reshape` takes it: numbers only, so that one symbolic size is -1, "what is left". */
export function reshapeSizes(shape: Shape): readonly number[] {
  requireCounts('reshape', shape);
  if (shape.filter((dim) => typeof dim === 'string').length > 1) {
    throw new ShapeError(`reshape: at most one size may be symbolic, got ${formatShape(shape)}`);
  }
  return shape.map((dim) => (typeof dim === 'number' ? dim : -1));
}

/** `to`, where `from` broadcasts to it. */
export function expandedShape(from: Shape, to: Shape): Shape {
  requireCounts('expand', to);
  const added = to.length - from.length;
  const fits = to.every((dim, axis) => {
    const before = from[axis - added] ?? 1;
    // Nothing can stretch to a size that only the run knows; and to 0 ONNX Runtime 1.30 leaves the 1 as it is.
    return dim === before || (before === 1 && typeof dim === 'number' && dim > 0);
  });
  if (added < 0 || !fits) {
    throw new ShapeError(`expand: x must broadcast to ${formatShape(to)}, got ${formatShape(from)}`);
  }
  return to;
}

/** The shape of values one after the other along `axis`. */
export function concatenatedShape(shapes: readonly Shape[], axis: number): Shape {
  const first = shapes[0]!;
  const list = shapes.map(formatShape).join(' and ');
  if (
    shapes.some(
      (shape) => shape.length !== first.length || shape.some((d, i) => i !== axis && d !== first[i]),
    )
  ) {
    throw new ShapeError(`concat: shapes must agree outside axis ${axis}, got ${list}`);
  }
  if (shapes.length === 1) return first;
  const total = shapes.reduce((sum, shape) => {
    const size: Dim = shape[axis]!;
    if (typeof size === 'number') return sum + size;
    throw new ShapeError(`concat: sizes along axis ${axis} must be numbers, got ${list}`);
  }, 0);
  return first.map((dim, i) => (i === axis ? total : dim));
}

/** @throws ShapeError where a size is a number but not a count */
export function requireCounts(caller: string, sizes: Shape, context = ''): void {
  if (sizes.some((size) => typeof size === 'number' && !(Number.isInteger(size) && size >= 0))) {
    throw new ShapeError(`${caller}: sizes must be counts, got ${formatShape(sizes)}${context}`);
  }
}

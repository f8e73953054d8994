import { ExecutionError } from '../errors.ts';
import { allocate, elementCount, type Tensor, type Tensors } from '../graph/tensor.ts';
import { oneOf } from '../nearest-name.ts';
import type { TensorSpec } from './executor.ts';

const typeOf = ({ dtype, shape }: Pick<TensorSpec, 'dtype' | 'shape'>): string =>
  `${dtype} [${shape.join(', ')}]`;

/**
 * Checks that a tensor's data is what its dtype and shape say, and that ONNX Runtime can read it.
 *
 * @param where - the function and what the tensor is, `run: feed z`
 * @throws ExecutionError
 */
export function checkTensor(where: string, tensor: Tensor): void {
  const { dtype, shape, data } = tensor;
  const array = allocate(dtype, 0)[Symbol.toStringTag];
  if (data[Symbol.toStringTag] !== array) {
    throw new ExecutionError(`${where} must hold ${dtype} as ${array}, got ${data[Symbol.toStringTag]}`);
  }
  if (
    typeof SharedArrayBuffer !== 'undefined' &&
    (data.buffer as ArrayBufferLike) instanceof SharedArrayBuffer
  ) {
    throw new ExecutionError(
      `${where} must have an ArrayBuffer of its own, got a SharedArrayBuffer. Pass a copy: data.slice()`,
    );
  }
  const count = elementCount(shape);
  if (data.length === count) return;
  const handedOver = data.buffer.byteLength === 0 ? ' (its buffer was handed over in an earlier call)' : '';
  throw new ExecutionError(
    `${where}: ${typeOf(tensor)} must hold ${count} elements, got ${data.length}${handedOver}`,
  );
}

/**
 * Checks that only tensors that a program takes are fed: ONNX Runtime ignores others in silence.
 *
 * @param program - what errors call the model
 * @throws ExecutionError
 */
export function checkFeedNames(program: string, names: readonly string[], feeds: Tensors): void {
  for (const name of Object.keys(feeds)) {
    if (names.includes(name)) continue;
    const choices = names.length === 0 ? 'It takes none' : oneOf(name, names);
    throw new ExecutionError(`run: unknown feed ${name} of program ${program}. ${choices}`);
  }
}

/**
 * Checks feeds against a model's inputs: all of them, no others, each of its dtype and shape.
 *
 * @param program - what errors call the model
 * @throws ExecutionError
 */
export function checkFeeds(program: string, inputs: readonly TensorSpec[], feeds: Tensors): void {
  checkFeedNames(
    program,
    inputs.map(({ name }) => name),
    feeds,
  );
  for (const input of inputs) {
    const feed = feeds[input.name];
    const where = `run: ${input.name} of program ${program}`;
    if (!feed) throw new ExecutionError(`${where} must be fed as ${typeOf(input)}, got nothing`);
    checkTensor(where, feed);
    if (feed.dtype !== input.dtype || !fits(feed.shape, input.shape)) {
      throw new ExecutionError(`${where} must be ${typeOf(input)}, got ${typeOf(feed)}`);
    }
  }
}

/** Whether sizes are those that were declared. ONNX Runtime reports `[]` for a scalar and for an undeclared shape alike. */
function fits(shape: readonly number[], declared: TensorSpec['shape']): boolean {
  if (declared.length === 0) return true;
  return (
    shape.length === declared.length && declared.every((d, i) => typeof d === 'string' || d === shape[i])
  );
}

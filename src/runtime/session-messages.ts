import { ConfigError, DataError, ExecutionError, ShapeError } from '../errors.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import type { Device, Session } from './session.ts';
import { checkTensor } from './tensor-check.ts';

/** A session's methods, which cross to a worker one message each. */
type SessionCall = 'compile' | 'writeState' | 'readState' | 'run' | 'rollback' | 'release';

/** Opens the worker's session, with options that only the worker understands, or calls a method of it. */
export type RequestBody =
  | { readonly call: 'open'; readonly options: unknown }
  | { [C in SessionCall]: { readonly call: C; readonly arguments: Parameters<Session[C]> } }[SessionCall];

/** What goes to the worker. */
export type Request = RequestBody & { readonly id: number };

/** What a request came to. Replies may arrive in another order than the requests were made. */
export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorMessage };

/** The result of `open`. */
export interface OpenedSession {
  readonly device: Device;
  readonly threads: number;
  readonly notice?: string | undefined;
}

/** An error in a form that survives the way between threads, which keeps neither its class nor its name. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly cause?: ErrorMessage | undefined;
}

/** Puts an error, with its causes, into a message. */
export function errorMessage(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, cause } = error;
  return { name, message, stack, cause: cause === undefined ? undefined : errorMessage(cause) };
}

const errorClasses: Readonly<Record<string, new (message: string, options: ErrorOptions) => Error>> = {
  ShapeError,
  ConfigError,
  DataError,
  ExecutionError,
};

/** The error in a message: of its own class where that is one of ours, a plain Error of the same name otherwise. */
export function errorFrom({ name, message, stack, cause }: ErrorMessage): Error {
  const options = cause === undefined ? {} : { cause: errorFrom(cause) };
  const OurError = errorClasses[name];
  const error = OurError
    ? new OurError(message, options)
    : Object.assign(new Error(message, options), { name });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Tensors ready to cross to another thread, and the buffers that move there with them instead of being copied. */
export interface Parcel {
  readonly tensors: Tensors;
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * Prepares tensors for another thread. A buffer moves if its tensor fills it; a view of a part of a buffer is copied,
 * because moving would take the rest away from whoever holds it.
 *
 * @param where - what errors call the tensor of a name, `run: z of program chunk`
 * @throws ExecutionError where a tensor's data is not what its dtype and shape say, or has moved already
 */
export function pack(tensors: Tensors, where: (name: string) => string): Parcel {
  const packed: Record<string, Tensor> = {};
  const transfer = new Set<ArrayBuffer>();
  for (const [name, tensor] of Object.entries(tensors)) {
    checkTensor(where(name), tensor);
    const fillsBuffer = tensor.data.byteLength === tensor.data.buffer.byteLength;
    const data = fillsBuffer ? tensor.data : tensor.data.slice();
    packed[name] = { dtype: tensor.dtype, shape: tensor.shape, data };
    if (data.length > 0) transfer.add(data.buffer);
  }
  return { tensors: packed, transfer: [...transfer] };
}

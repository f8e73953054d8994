import type { DType, Tensors } from '../graph/tensor.ts';
import type { Device } from './session.ts';

/** An input or output of a model, as the model declares it. */
export interface TensorSpec {
  readonly name: string;
  readonly dtype: DType;
  /** Sizes; a symbolic one by its name, `N`. */
  readonly shape: readonly (number | string)[];
}

/** A model that a device has compiled. Tensors go in and come out on the host. */
export interface Executable {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /**
   * Runs the model once and returns every output, each in a buffer of its own.
   *
   * @throws ExecutionError where the feeds are not the model's inputs, or the device fails (its error is the `cause`)
   */
  run(feeds: Tensors): Promise<Tensors>;
  /** Frees the model. Idempotent. */
  release(): Promise<void>;
}

/** What stands under a session: compiles ONNX files for one device. Another engine than ONNX Runtime may implement it. */
export interface Executor {
  readonly device: Device;
  /** Threads inside one operator. */
  readonly threads: number;
  /** What the user should be told about the device that was chosen; absent where it is the one that was asked for. */
  readonly notice?: string | undefined;
  /**
   * Compiles a model.
   *
   * @param name - what errors call it
   * @throws ExecutionError where the model is malformed or the device does not support it
   */
  load(name: string, model: Uint8Array): Promise<Executable>;
}

import type { Tensors } from '../graph/tensor.ts';
import type { TensorSpec } from './executor.ts';

/** What executes a graph: native CPU, WebAssembly, a GPU through WebGPU, or CUDA where the user has installed it. */
export type Device = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

/** How a session is opened. */
export interface SessionOptions {
  /**
   * Threads inside one operator. Default: on `cpu` the cores that this process may use, as ONNX Runtime itself takes;
   * on `wasm` 1, because a second thread gained nothing in any training step that was measured.
   */
  readonly threads?: number | undefined;
}

/** A tensor that stays in the session between runs: fed as `input`, replaced by `output` where the program writes it. */
export interface CarriedState {
  /** The state's name in the session, for example `generator/dense1/weight`. */
  readonly name: string;
  readonly input: string;
  /** Absent where the program only reads the state. */
  readonly output?: string | undefined;
}

/** ONNX bytes plus the knowledge of which inputs and outputs are the session's own state. */
export interface Program {
  readonly name: string;
  readonly model: Uint8Array;
  readonly carried: readonly CarriedState[];
}

/** What a compiled model takes and gives, as it declares them itself; the session's own state is among it. */
export interface ProgramTypes {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/**
 * Runs programs over one named state. Several programs (a chunk of iterations, a single measured iteration, a sampler)
 * share the state, which never leaves the session unless it is read.
 *
 * Calls take effect in the order in which they are made, awaited or not. A call that fails changes nothing. Every call
 * but `release` rejects with an ExecutionError once `release` was called.
 *
 * A session does not assume ONNX Runtime: another executor may stand below the same interface.
 */
export interface Session {
  readonly device: Device;
  readonly threads: number;
  /** One line for the user where the device or its threads are not what was asked for; the session prints nothing. */
  readonly notice?: string | undefined;
  /**
   * Compiles a program under its name, in place of an earlier one of that name.
   *
   * @returns the inputs and outputs of its model, for whoever did not write that
   * @throws ExecutionError if the device refuses the model, or the carried state does not fit its inputs and outputs
   */
  compile(program: Program): Promise<ProgramTypes>;
  /**
   * Adds or replaces state tensors by name, and forgets the state before the last run. The session takes over the
   * buffers.
   *
   * @throws ExecutionError if a tensor's data does not fit its own dtype and shape
   */
  writeState(state: Tensors): Promise<void>;
  /** Copies of the named state tensors; all of them by default. @throws ExecutionError if the session has no such state */
  readState(names?: readonly string[]): Promise<Tensors>;
  /**
   * Runs a compiled program once: state and `feeds` in; carried outputs replace the state, the other outputs are
   * returned. The session takes over the feeds' buffers, except where a feed is a view of a part of one.
   *
   * @throws ExecutionError naming the missing, unknown or ill-typed feed, or with ONNX Runtime's own error as `cause`
   */
  run(program: string, feeds: Tensors): Promise<Tensors>;
  /**
   * Puts the state back to what it was before the last run; usable once per run, until the next one starts to execute.
   *
   * @throws ExecutionError if the last run failed, or none has completed since the state was last written or rolled back
   */
  rollback(): Promise<void>;
  /** Waits for the calls in progress and frees everything. Idempotent. */
  release(): Promise<void>;
}

import type { Tensors } from '../graph/tensor.ts';

/** What executes a graph: native CPU, WebAssembly, a GPU through WebGPU, or CUDA where the user has installed it. */
export type Device = 'cpu' | 'wasm' | 'webgpu' | 'cuda';

/** How a session is opened. */
export interface SessionOptions {
  /** Threads inside one operator. Default: the number of cores that the machine has. */
  readonly threads?: number;
}

/** A tensor that stays in the session between runs: fed as `input`, replaced by `output` where the program writes it. */
export interface CarriedState {
  /** The state's name in the session, for example `generator/dense1/weight`. */
  readonly name: string;
  readonly input: string;
  /** Absent where the program only reads the state. */
  readonly output?: string;
}

/** ONNX bytes plus the knowledge of which inputs and outputs are the session's own state. */
export interface Program {
  readonly name: string;
  readonly model: Uint8Array;
  readonly carried: readonly CarriedState[];
}

/**
 * Runs programs over one named state. Several programs (a chunk of iterations, a single measured iteration, a sampler)
 * share the state, which never leaves the session unless it is read.
 *
 * A session does not assume ONNX Runtime: another executor may stand below the same interface.
 */
export interface Session {
  readonly device: Device;
  readonly threads: number;
  /** Compiles a program under its name. @throws ExecutionError if the device refuses the model. */
  compile(program: Program): Promise<void>;
  /** Adds or replaces state tensors by name. The session takes over the buffers. */
  writeState(state: Tensors): Promise<void>;
  /** Copies of the named state tensors; all of them by default. */
  readState(names?: readonly string[]): Promise<Tensors>;
  /**
   * Runs a compiled program once: state and `feeds` in; carried outputs replace the state, the other outputs are
   * returned. The session takes over the feeds' buffers.
   *
   * @throws ExecutionError naming the missing or unknown feed, or with ONNX Runtime's own message as `cause`
   */
  run(program: string, feeds: Tensors): Promise<Tensors>;
  /** Puts the state back to what it was before the last run; usable once per run. */
  rollback(): Promise<void>;
  /** Waits for the run in progress and frees everything. Idempotent. */
  release(): Promise<void>;
}

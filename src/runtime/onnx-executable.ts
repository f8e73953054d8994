import type { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-web/wasm';
import { ExecutionError } from '../errors.ts';
import type { DType, Tensor, Tensors } from '../graph/tensor.ts';
import type { Executable, TensorSpec } from './executor.ts';
import { executionError } from './onnx-error.ts';
import { checkFeeds } from './tensor-check.ts';

/** Logs nothing but what ends the process: every other error is thrown, and would appear twice. */
const quiet = { logSeverityLevel: 4 } as const;

/** The part of ONNX Runtime's API that a session needs; onnxruntime-node and onnxruntime-web have it alike. */
export type OnnxRuntime = Pick<typeof import('onnxruntime-web/wasm'), 'InferenceSession' | 'Tensor' | 'env'>;

/**
 * Compiles a model with ONNX Runtime.
 *
 * @throws ExecutionError with ONNX Runtime's error as `cause`
 */
export async function loadExecutable(
  ort: OnnxRuntime,
  name: string,
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<Executable> {
  ort.env.logLevel = 'fatal';
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(model, { ...quiet, ...options });
  } catch (error) {
    throw executionError(`compile: ONNX Runtime must accept program ${name}`, error);
  }
  try {
    return new OnnxExecutable(ort, name, session);
  } catch (error) {
    await session.release();
    throw error;
  }
}

class OnnxExecutable implements Executable {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly #ort: OnnxRuntime;
  readonly #name: string;
  #session: InferenceSession | undefined;

  constructor(ort: OnnxRuntime, name: string, session: InferenceSession) {
    this.#ort = ort;
    this.#name = name;
    this.#session = session;
    this.inputs = session.inputMetadata.map((metadata) => specOf(name, metadata));
    this.outputs = session.outputMetadata.map((metadata) => specOf(name, metadata));
  }

  async run(feeds: Tensors): Promise<Tensors> {
    if (!this.#session)
      throw new ExecutionError(`run: program ${this.#name} must be loaded, got a released one`);
    checkFeeds(this.#name, this.inputs, feeds);
    const inputs: Record<string, OnnxTensor> = {};
    for (const [name, { dtype, data, shape }] of Object.entries(feeds)) {
      inputs[name] = new this.#ort.Tensor(dtype, data, shape);
    }
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(inputs, quiet);
    } catch (error) {
      throw executionError(`run: program ${this.#name} must run to its end`, error);
    }
    const outputs: Record<string, Tensor> = {};
    for (const { name, dtype } of this.outputs) {
      const { dims, data } = results[name] as OnnxTensor;
      outputs[name] = { dtype, shape: dims, data: data as Tensor['data'] };
    }
    return outputs;
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.release();
  }
}

/** The types of the host's tensors are called the same in ONNX Runtime. */
const dtypes: readonly string[] = ['float32', 'float64', 'int64', 'int32', 'uint8', 'bool'] satisfies DType[];

function specOf(program: string, metadata: InferenceSession.ValueMetadata): TensorSpec {
  const { name, isTensor } = metadata;
  if (isTensor && dtypes.includes(metadata.type)) {
    return { name, dtype: metadata.type as DType, shape: metadata.shape };
  }
  throw new ExecutionError(
    `compile: ${name} of program ${program} must be one of ${dtypes.join(', ')}, got ${isTensor ? metadata.type : 'no tensor'}`,
  );
}

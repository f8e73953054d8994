import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { encodeModel, type Model } from '../src/graph/onnx/encode.ts';
import type { DType, Tensor, Tensors } from '../src/graph/tensor.ts';
import type { Values } from '../src/graph/value.ts';

/** A graph that ONNX Runtime has compiled. */
export interface CompiledGraph {
  run(feeds: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** Compiles a model with ONNX Runtime; on one thread by default, since tests run many small graphs beside each other. */
export async function compileModel({ bytes }: Model, threads = 1): Promise<CompiledGraph> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Errors come as exceptions: 4 keeps them out of the test's output.
    logSeverityLevel: 4,
  });
  return {
    run: async (feeds) => {
      const inputs = Object.entries(feeds).map(([name, { dtype, data, shape }]) => [
        name,
        new OnnxTensor(dtype, data, shape),
      ]);
      const results = await session.run(Object.fromEntries(inputs));
      return Object.fromEntries(Object.entries(results).map(([name, result]) => [name, toTensor(result)]));
    },
    release: () => session.release(),
  };
}

/** Encodes and compiles named values. */
export function compileGraph(outputs: Values, threads?: number): Promise<CompiledGraph> {
  return compileModel(encodeModel({ name: 'test', outputs }), threads);
}

/** Encodes, compiles, runs once and releases. */
export async function runGraph(outputs: Values, feeds: Tensors = {}, threads?: number): Promise<Tensors> {
  const graph = await compileGraph(outputs, threads);
  try {
    return await graph.run(feeds);
  } finally {
    await graph.release();
  }
}

function toTensor({ type, dims, data }: OnnxTensor): Tensor {
  return { dtype: type as DType, shape: dims, data: data as Tensor['data'] };
}

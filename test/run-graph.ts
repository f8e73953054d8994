import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { encodeModel, type Model } from '../src/graph/onnx/encode.ts';
import type { DType, Tensor, Tensors } from '../src/graph/tensor.ts';
import type { Values } from '../src/graph/value.ts';

/** A graph that ONNX Runtime has compiled. */
export interface CompiledGraph {
  readonly model: Model;
  run(feeds: Tensors): Promise<Tensors>;
  release(): Promise<void>;
}

/** Compiles named values with ONNX Runtime on one thread: tests run many small graphs beside each other. */
export async function compileGraph(outputs: Values): Promise<CompiledGraph> {
  const model = encodeModel({ name: 'test', outputs });
  const session = await InferenceSession.create(model.bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return {
    model,
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

/** Compiles, runs once and releases. */
export async function runGraph(outputs: Values, feeds: Tensors = {}): Promise<Tensors> {
  const graph = await compileGraph(outputs);
  try {
    return await graph.run(feeds);
  } finally {
    await graph.release();
  }
}

function toTensor({ type, dims, data }: OnnxTensor): Tensor {
  return { dtype: type as DType, shape: dims, data: data as Tensor['data'] };
}

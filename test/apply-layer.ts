import { sum } from '../src/graph/functions/reductions.ts';
import { grad } from '../src/graph/grad.ts';
import type { Tensor, Tensors } from '../src/graph/tensor.ts';
import { input, type Value } from '../src/graph/value.ts';
import type { Layer } from '../src/nn/layer.ts';
import { runGraph } from './run-graph.ts';

/** What a pass is given besides x. */
export interface LayerFeeds {
  readonly parameters?: Tensors;
  /** The random inputs that the layer is expected to declare, by its local names. */
  readonly random?: Tensors;
  readonly mode?: 'train' | 'sample';
}

/** What a pass gives, and the gradients of the sum of y. */
export interface LayerPass {
  readonly y: Tensor;
  readonly dx: Tensor;
  readonly gradients: Tensors;
  readonly declared: readonly { name: string; shape: readonly number[]; probability: number }[];
}

/** Runs one layer forwards and backwards in ONNX Runtime. */
export async function applyLayer(
  layer: Layer,
  x: Tensor,
  { parameters = {}, random = {}, mode = 'train' }: LayerFeeds = {},
): Promise<LayerPass> {
  const inputs: Record<string, Value> = Object.fromEntries(
    Object.entries({ x, ...parameters }).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
  const { x: value, ...parameterValues } = inputs;
  const declared: { name: string; shape: readonly number[]; probability: number }[] = [];
  const { y } = layer.apply({ parameters: parameterValues, state: {} }, value!, {
    mode,
    bernoulli: (name, shape, probability) => {
      declared.push({ name, shape, probability });
      return input(name, 'bool', shape);
    },
  });
  const [dx, ...gradients] = grad(sum(y), [value!, ...Object.values(parameterValues)]);
  const names = Object.keys(parameterValues);
  const results = await runGraph(
    { y, dx: dx!, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, gradients[i]!])) },
    { x, ...parameters, ...random },
  );
  return {
    y: results['y']!,
    dx: results['dx']!,
    gradients: Object.fromEntries(names.map((name) => [name, results[`d ${name}`]!])),
    declared,
  };
}

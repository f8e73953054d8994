import { describe, expect, it } from 'vitest';
import { inputsFor } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32, float32s, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { mul, softplus, square, tanh } from '../graph/functions/elementwise.ts';
import { gemm, matmul } from '../graph/functions/linear-algebra.ts';
import { sum } from '../graph/functions/reductions.ts';
import { grad } from '../graph/grad.ts';
import { input, type Value } from '../graph/value.ts';
import { r1Penalty } from './penalties.ts';

describe('R1', () => {
  it('is gamma / 2 times the squared norm of the weights for a linear D, whatever the examples', async () => {
    const x = input('x', 'float32', [3, 2]);
    const w = input('w', 'float32', [2, 1]);
    const penalty = r1Penalty(x, matmul(x, w), 10);
    const [gradient] = grad(penalty, [w]);
    const results = await runGraph({ penalty, gradient: gradient! }, { w: float32([2, 1], [3, -4]) });
    expect(results['penalty']!.data).toBeAllClose([(10 / 2) * 25]);
    expect(results['gradient']!.data).toBeAllClose([30, -40]);
  });

  it('is the mean over the examples, each with its own gradient', async () => {
    const x = input('x', 'float32', [2, 1]);
    // d x^2 / dx = 2 x: the penalty is gamma / 2 (4 + 36) / 2.
    const results = await runGraph({ penalty: r1Penalty(x, square(x), 0.1) }, { x: float32([2, 1], [1, 3]) });
    expect(results['penalty']!.data).toBeAllClose([1]);
  });

  it('sums over all axes of an example', async () => {
    const x = input('x', 'float32', [2, 2, 2]);
    const logits = sum(mul(x, 3), { axes: [1, 2] });
    const penalty = r1Penalty(x, logits, 2);
    expect((await runGraph({ penalty }))['penalty']!.data).toBeAllClose([4 * 9]);
  });

  it("has PyTorch's value and gradients on a critic whose every second derivative is at work", async () => {
    const { r1Gamma, smooth } = readReference<{
      r1Gamma: number;
      smooth: {
        parameters: Record<string, ReferenceArray>;
        real: ReferenceArray;
        r1: { value: number; gradients: Record<string, ReferenceArray> };
      };
    }>('networks');
    const parameters = float32s(smooth.parameters);
    const values = inputsFor(parameters);
    const affine = (layer: string, x: Value): Value =>
      gemm(x, values[`discriminator/${layer}/weight`]!, values[`discriminator/${layer}/bias`]!);
    const x = input('x', 'float32', smooth.real.shape);
    const logits = affine('dense3', softplus(affine('dense2', tanh(affine('dense1', x)))));
    const penalty = r1Penalty(x, logits, r1Gamma);
    const names = Object.keys(smooth.r1.gradients);
    const gradients = grad(
      penalty,
      names.map((name) => values[name]!),
    );
    const { 'discriminator/dense3/bias': _, ...needed } = parameters;
    const results = await runGraph(
      { penalty, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, gradients[i]!])) },
      { ...needed, x: float32(smooth.real.shape, smooth.real.data) },
    );
    expect(results['penalty']!.data).toBeAllClose([smooth.r1.value]);
    for (const name of names) {
      const expected = smooth.r1.gradients[name]!.data;
      const largest = Math.max(...expected.map(Math.abs));
      expect(results[`d ${name}`]!.data).toBeAllClose(expected, { rtol: 0, atol: 1e-5 * largest });
    }
  });
});

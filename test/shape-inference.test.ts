import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../src/errors.ts';
import { type OpType, operators } from '../src/graph/operators.ts';
import type { Dim, Shape } from '../src/graph/shapes.ts';
import { input, topologicalOrder } from '../src/graph/value.ts';
import { runGraph } from './run-graph.ts';
import { dtypes, ITERATIONS, ones, type Sample, type Samples, samples } from './shape-samples.ts';

// A fixed seed: a test that fails must fail again. Any other seed should pass too.
const settings = { numRuns: 16, seed: 2014 };

/**
 * Builds a sample, runs it, and compares what was inferred with what came out.
 *
 * @param leading - replaces the first size of the first input in the graph, which then runs with 3 more
 */
async function check(op: OpType, { inputs, f }: Sample, leading?: string): Promise<void> {
  const symbolic = (i: number): boolean => leading !== undefined && i === 0 && inputs[0]!.shape.length > 0;
  const xs = inputs.map(({ dtype, shape }, i) =>
    input(`x${i}`, dtype, symbolic(i) ? [leading!, ...shape.slice(1)] : shape),
  );
  const ys = [f(...xs)].flat();
  expect(topologicalOrder(ys).map((node) => node.op)).toContain(op);
  const batch = (inputs[0]?.shape[0] ?? 0) + 3;
  const feeds = inputs.map(({ dtype, shape }, i) => [
    `x${i}`,
    ones(dtype, symbolic(i) ? [batch, ...shape.slice(1)] : shape),
  ]);
  const results = await runGraph(
    Object.fromEntries(ys.map((y, i) => [`y${i}`, y])),
    Object.fromEntries(feeds),
  );
  const symbols = new Map<Dim, number>([
    ['N', batch],
    ['T', Number(ITERATIONS)],
  ]);
  const known = (shape: Shape): Shape => shape.map((dim) => symbols.get(dim) ?? dim);
  for (const [i, { dtype, shape }] of ys.entries()) {
    expect(results[`y${i}`]).toMatchObject({ dtype, shape: known(shape) });
  }
}

const sampleOf = ({ dtypes: allowed, of }: Samples): fc.Arbitrary<Sample> =>
  fc.constantFrom(...allowed).chain(of);

describe.each(Object.entries(samples) as [OpType, Samples][])('%s', (op, row) => {
  property.prop([sampleOf(row)], settings)('is inferred as ONNX Runtime computes it', (sample) =>
    check(op, sample),
  );

  property.prop([sampleOf(row)], settings)('with a symbolic batch: right, or refused', async (sample) => {
    try {
      await check(op, sample, 'N');
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
    }
  });

  for (const dtype of dtypes.filter((dtype) => !row.dtypes.includes(dtype))) {
    test(`refuses ${dtype}`, () => {
      const [sample] = fc.sample(row.of(dtype), { numRuns: 1, seed: settings.seed });
      const xs = sample!.inputs.map(({ shape }, i) => input(`x${i}`, dtype, shape));
      expect(() => sample!.f(...xs)).toThrow(ShapeError);
      expect(() => sample!.f(...xs)).toThrow(dtype);
    });
  }
});

test('every operator has samples', () => {
  expect(Object.keys(samples).sort()).toEqual(
    Object.keys(operators)
      .filter((op) => op !== 'Input')
      .sort(),
  );
});

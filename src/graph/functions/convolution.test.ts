import { describe, expect, it } from 'vitest';
import { compileGraph } from '../../../test/run-graph.ts';
import { float32, type ReferenceArray, readReference } from '../../../test/tensors.ts';
import { ShapeError } from '../../errors.ts';
import { grad } from '../grad.ts';
import { simplify } from '../simplify.ts';
import { constant, input, type Value } from '../value.ts';
import { conv, convTranspose } from './convolution.ts';
import { add, mul, square } from './elementwise.ts';
import { averagePool, maxPool } from './pooling.ts';
import { sum } from './reductions.ts';
import { resizeBilinear, resizeNearest } from './resizing.ts';

interface Case {
  readonly name: string;
  readonly function: keyof typeof functions;
  readonly argument: never;
  readonly inputs: readonly ReferenceArray[];
  readonly weight: ReferenceArray;
  readonly directions: readonly ReferenceArray[];
  readonly y: ReferenceArray;
  readonly first: readonly ReferenceArray[];
  readonly second: readonly ReferenceArray[];
}

const functions = {
  conv: (options: never, [x, w, b]: readonly Value[]) => conv(x!, w!, b, options),
  convTranspose: (options: never, [x, w, b]: readonly Value[]) => convTranspose(x!, w!, b, options),
  maxPool: (options: never, [x]: readonly Value[]) => maxPool(x!, options),
  averagePool: (options: never, [x]: readonly Value[]) => averagePool(x!, options),
  resizeNearest: (factor: never, [x]: readonly Value[]) => resizeNearest(x!, factor),
  resizeBilinear: (size: never, [x]: readonly Value[]) => resizeBilinear(x!, size),
};

const { cases } = readReference<{ readonly cases: readonly Case[] }>('convolutions');
const tensor = ({ shape, data }: ReferenceArray) => float32(shape, data);

describe('values and gradients of both orders are those of PyTorch', () => {
  it.each(cases.map((example) => [example.function, example.name, example] as const))(
    '%s %s',
    async (op, _, example) => {
      const xs = example.inputs.map(({ shape }, i) => input(`x${i}`, 'float32', shape));
      const y = functions[op](example.argument, xs);
      const loss = mul(sum(mul(constant(tensor(example.weight)), square(y))), 0.5);
      const first = grad(loss, xs);
      const slope = first.map((g, i) => sum(mul(g, constant(tensor(example.directions[i]!))))).reduce(add);
      const second = grad(slope, xs);
      const named = (name: string, values: readonly Value[]) =>
        values.map((value, i) => [`${name}${i}`, value]);
      const outputs = Object.fromEntries([['y', y], ...named('first', first), ...named('second', second)]);
      const feeds = Object.fromEntries(example.inputs.map((array, i) => [`x${i}`, tensor(array)]));

      for (const graph of [outputs, simplify(outputs)]) {
        const compiled = await compileGraph(graph);
        const results = await compiled.run(feeds).finally(() => compiled.release());
        const expected = { y: [example.y], first: example.first, second: example.second };
        for (const [name, arrays] of Object.entries(expected))
          for (const [i, { shape, data }] of arrays.entries()) {
            const found = results[name === 'y' ? name : `${name}${i}`]!;
            expect(found.shape).toEqual(shape);
            const largest = Math.max(...data.map(Math.abs));
            expect(found.data, `${name}${i}`).toBeAllClose(data, { rtol: 1e-5, atol: 2e-6 * largest });
          }
      }
    },
  );
});

describe('a batch whose size is not known', () => {
  it.each([1, 7])('takes %d images', async (n) => {
    const x = input('x', 'float32', ['N', 2, 4, 4]);
    const weight = constant(
      float32(
        [2, 1, 3, 3],
        Array.from({ length: 18 }, (_, i) => i - 9),
      ),
    );
    const larger = convTranspose(resizeNearest(x, 2), weight, undefined, { stride: 2, padding: 1 });
    const y = averagePool(maxPool(resizeBilinear(larger, 12), { size: 2 }), {
      size: 3,
      stride: 2,
      padding: 1,
    });
    expect(y.shape).toEqual(['N', 1, 3, 3]);
    const compiled = await compileGraph({ y });
    const images = float32(
      [n, 2, 4, 4],
      Array.from({ length: n * 32 }, (_, i) => Math.sin(i)),
    );
    const { y: all } = await compiled.run({ x: images });
    const { y: last } = await compiled.run({ x: float32([1, 2, 4, 4], images.data.slice(-32)) });
    await compiled.release();
    expect(all!.shape).toEqual([n, 1, 3, 3]);
    expect(all!.data.slice(-9)).toBeAllClose(last!.data, { rtol: 1e-6, atol: 1e-6 });
  });
});

describe('what does not fit', () => {
  const x = input('x', 'float32', [128, 3, 32, 32]);
  const w = (...shape: number[]): Value => input('w', 'float32', shape);

  it.each<[string, () => Value, string]>([
    [
      'channels',
      () => conv(x, w(64, 1, 4, 4)),
      'conv: x has 3 channels but weight [64, 1, 4, 4] expects 1 (x [128, 3, 32, 32])',
    ],
    [
      'channels of groups',
      () => conv(x, w(6, 3, 4, 4), undefined, { groups: 3 }),
      'conv: x has 3 channels in 3 groups but weight [6, 3, 4, 4] expects 3 (x [128, 3, 32, 32])',
    ],
    [
      'groups',
      () => conv(x, w(64, 3, 4, 4), undefined, { groups: 2 }),
      'conv: groups must divide the 3 input channels, got 2',
    ],
    ['a bias', () => conv(x, w(64, 3, 4, 4), w(32)), 'conv: the bias must be [64], got [32]'],
    [
      'a kernel larger than the image',
      () => conv(x, w(8, 3, 40, 4)),
      'conv: the kernel must fit into the image, got 40 over 32 rows (x [128, 3, 32, 32], weight [8, 3, 40, 4]). Use more padding',
    ],
    [
      'rank',
      () => conv(w(4, 3), w(64, 3, 4, 4)),
      'conv: x must be [N, C, H, W] and the weight of rank 4, got [4, 3] and [64, 3, 4, 4]',
    ],
    [
      'stride',
      () => conv(x, w(64, 3, 4, 4), undefined, { stride: 0 }),
      'conv: stride must be whole numbers of at least 1, got 0, 0',
    ],
    [
      'channels of a transposed convolution',
      () => convTranspose(x, w(4, 8, 2, 2)),
      'convTranspose: x has 3 channels but weight [4, 8, 2, 2] expects 4 (x [128, 3, 32, 32])',
    ],
    [
      'output padding',
      () => convTranspose(x, w(3, 8, 2, 2), undefined, { stride: 2, outputPadding: 2 }),
      'convTranspose: output padding must be smaller than the stride 2, got 2',
    ],
    [
      'padding that leaves nothing',
      () => convTranspose(w(1, 3, 1, 1), w(3, 8, 2, 2), undefined, { padding: 1 }),
      'convTranspose: an image must remain, got 0 rows (x [1, 3, 1, 1], weight [3, 8, 2, 2]). Use less padding',
    ],
    [
      'double precision',
      () => conv(input('x', 'float64', [1, 1, 2, 2]), input('w', 'float64', [1, 1, 1, 1])),
      'conv: dtype must be float32, got float64. Use cast',
    ],
    ['a window', () => maxPool(x, { size: 33 }), 'maxPool: a window must fit into the image, got 33 over 32'],
    [
      'means beyond the image',
      () => averagePool(x, { size: 3, ceil: true }),
      'averagePool: ceil must be false, got true. Add padding, whose zeros then count',
    ],
    [
      'a factor',
      () => resizeNearest(x, 1.5),
      'resizeNearest: factor must be a whole number of at least 1, got 1.5. Use resizeBilinear for other sizes',
    ],
    [
      'a size',
      () => resizeBilinear(x, [4, 0]),
      'resizeBilinear: sizes must be whole numbers of at least 1, got [4, 0]',
    ],
    ['points', () => resizeNearest(w(4, 2), 2), 'resizeNearest: x must be [N, C, H, W], got [4, 2]'],
  ])('%s', (_, build, message) => {
    expect(build).toThrow(new ShapeError(message));
  });
});

import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../src/errors.ts';
import * as elementwise from '../src/graph/functions/elementwise.ts';
import { gemm, matmul } from '../src/graph/functions/linear-algebra.ts';
import { loop } from '../src/graph/functions/loop.ts';
import { maxOver, mean, sum } from '../src/graph/functions/reductions.ts';
import * as shaping from '../src/graph/functions/shaping.ts';
import { formatShape } from '../src/graph/shapes.ts';
import { constant, input, scalar, type Value } from '../src/graph/value.ts';

/** A call that must be refused, and what its message must quote. */
interface Mistake {
  readonly call: () => unknown;
  readonly quotes: readonly string[];
}

const settings = { numRuns: 25, seed: 2014 };
const size = fc.integer({ min: 1, max: 9 });
const shape = (minLength: number, maxLength = 4) => fc.array(size, { minLength, maxLength });
const two = fc
  .tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 }))
  .filter(([a, b]) => a !== b);
const float = (dims: readonly (number | string)[]): Value => input('x', 'float32', dims);
const vectorOf = (dtype: 'int64' | 'int32' | 'float32' | 'bool', length: number): Value =>
  input('i', dtype, [length]);

const pairs: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  add: elementwise.add,
  sub: elementwise.sub,
  mul: elementwise.mul,
  div: elementwise.div,
  pow: elementwise.pow,
  max: elementwise.max,
  min: elementwise.min,
  equal: elementwise.equal,
  greater: elementwise.greater,
  less: elementwise.less,
  where: (a, b) => elementwise.where(elementwise.greater(a, 0), a, b),
};
const pairNames = fc.constantFrom(...Object.keys(pairs));

/** Functions of an axis: all must refuse one outside the rank. */
const alongAxis: Readonly<Record<string, (x: Value, axis: number) => unknown>> = {
  sum: (x, axis) => sum(x, { axes: [axis] }),
  mean: (x, axis) => mean(x, { axes: [axis] }),
  maxOver: (x, axis) => maxOver(x, { axes: [axis] }),
  squeeze: (x, axis) => shaping.squeeze(x, [axis]),
  slice: (x, axis) => shaping.slice(x, axis, 0),
  concat: (x, axis) => shaping.concat([x, x], axis),
  split: (x, axis) => shaping.split(x, [1], axis),
  gather: (x, axis) => shaping.gather(x, vectorOf('int64', 2), axis),
};

const mistakes: Readonly<Record<string, fc.Arbitrary<Mistake>>> = {
  'operands that do not broadcast': fc
    .tuple(pairNames, shape(0, 3), shape(0, 3), two)
    .map(([name, outer, inner, [a, b]]) => {
      const [left, right] = [
        [...outer, a, ...inner],
        [b, ...inner],
      ];
      return {
        call: () => pairs[name]!(float(left), float(right)),
        quotes: [`${name}: `, formatShape(left), formatShape(right), `(${a} against ${b})`],
      };
    }),
  'operands of two dtypes': fc.tuple(pairNames, shape(0)).map(([name, dims]) => ({
    call: () => pairs[name]!(float(dims), input('y', 'float64', dims)),
    quotes: [`${name}: `, 'float32 and float64'],
  })),
  'a matmul whose inner sizes differ': fc.tuple(shape(1, 3), two, size).map(([outer, [k, l], n]) => ({
    call: () => matmul(float([...outer, k]), float([l, n])),
    quotes: ['matmul: ', `got ${k} and ${l}`, formatShape([...outer, k]), formatShape([l, n])],
  })),
  'a matmul of vectors': fc.tuple(size, shape(2)).map(([k, dims]) => ({
    call: () => matmul(float([k]), float(dims)),
    quotes: ['matmul: a and b must have rank 2 or more', formatShape([k]), formatShape(dims)],
  })),
  'a gemm whose inner sizes differ': fc
    .tuple(size, two, size, fc.boolean(), fc.boolean())
    .map(([m, [k, l], n, transA, transB]) => {
      const [a, b] = [transA ? [k, m] : [m, k], transB ? [n, l] : [l, n]];
      return {
        call: () => gemm(float(a), float(b), undefined, { transA, transB }),
        quotes: ['gemm: ', `got ${k} and ${l}`, formatShape(a), formatShape(b)],
      };
    }),
  'a gemm of another rank': shape(3).map((dims) => ({
    call: () => gemm(float(dims), float([2, 2])),
    quotes: ['gemm: a and b must have rank 2', formatShape(dims)],
  })),
  'a gemm whose c is too large': fc.tuple(size, size).map(([m, n]) => ({
    call: () => gemm(float([m, 2]), float([2, n]), float([2, m, n])),
    quotes: ['gemm: c must broadcast', formatShape([m, n]), formatShape([2, m, n])],
  })),
  'an axis outside the rank': fc
    .tuple(fc.constantFrom(...Object.keys(alongAxis)), shape(1), fc.nat(3), fc.boolean())
    .map(([name, dims, beyond, negative]) => {
      const axis = negative ? -dims.length - 1 - beyond : dims.length + beyond;
      return {
        call: () => alongAxis[name]!(float(dims), axis),
        quotes: [`${name}: axis`, `[${-dims.length}, ${dims.length})`, `got ${axis}`],
      };
    }),
  'an axis twice': fc
    .tuple(shape(1), fc.nat(3))
    .map(([dims, i]) => [dims, i % dims.length] as const)
    .map(([dims, axis]) => ({
      call: () => sum(float(dims), { axes: [axis, axis - dims.length] }),
      quotes: [`[${axis}, ${axis - dims.length}]`, `rank ${dims.length}`],
    })),
  'a permutation with a gap': shape(2).map((dims) => ({
    call: () =>
      shaping.transpose(
        float(dims),
        dims.map(() => 0),
      ),
    quotes: ['transpose: ', formatShape(dims), formatShape(dims.map(() => 0))],
  })),
  'a reshape to another count': fc.tuple(shape(0), size).map(([dims, extra]) => {
    const count = dims.reduce((product, length) => product * length, 1);
    return {
      call: () => shaping.reshape(float(dims), [count + extra]),
      quotes: ['reshape: ', formatShape(dims), `(${count} against ${count + extra})`],
    };
  }),
  'a reshape whose open size is no integer': shape(0).map((dims) => {
    const count = dims.reduce((product, length) => product * length, 1);
    return {
      call: () => shaping.reshape(float(dims), [count + 1, -1]),
      quotes: ['reshape: ', formatShape(dims), formatShape([count + 1, -1])],
    };
  }),
  'a squeeze of a size above 1': fc
    .tuple(shape(0, 3), fc.integer({ min: 2, max: 9 }))
    .map(([dims, length]) => ({
      call: () => shaping.squeeze(float([...dims, length]), [-1]),
      quotes: [`squeeze: axis ${dims.length}`, `got ${length}`, formatShape([...dims, length])],
    })),
  'a slice beyond the end': fc.tuple(shape(1), size).map(([dims, beyond]) => ({
    call: () => shaping.slice(float(dims), 0, 0, dims[0]! + beyond),
    quotes: ['slice: ', `${dims[0]} on axis 0`, `0 to ${dims[0]! + beyond}`, formatShape(dims)],
  })),
  'a slice that runs backwards': fc
    .tuple(shape(0, 2), fc.integer({ min: 2, max: 9 }))
    .map(([dims, length]) => ({
      call: () => shaping.slice(float([length, ...dims]), 0, 2, 1),
      quotes: ['slice: ', '2 to 1', formatShape([length, ...dims])],
    })),
  'pieces that do not make up the axis': fc
    .tuple(shape(1), shape(1))
    .filter(([dims, sizes]) => {
      return sizes.reduce((total, length) => total + length, 0) !== dims[0];
    })
    .map(([dims, sizes]) => ({
      call: () => shaping.split(float(dims), sizes, 0),
      quotes: ['split: ', `sum to ${dims[0]}`, formatShape(sizes), formatShape(dims)],
    })),
  'a concat that disagrees elsewhere': fc.tuple(size, two, size).map(([first, [a, b], second]) => ({
    call: () => shaping.concat([float([first, a]), float([second, b])], 0),
    quotes: ['concat: ', 'axis 0', formatShape([first, a]), formatShape([second, b])],
  })),
  'a concat of two ranks': shape(1, 3).map((dims) => ({
    call: () => shaping.concat([float(dims), float([...dims, 1])], 0),
    quotes: ['concat: ', formatShape(dims), formatShape([...dims, 1])],
  })),
  'pads that are no counts': shape(1).map((dims) => ({
    call: () =>
      shaping.pad(
        float(dims),
        dims.flatMap(() => [1, -1]),
      ),
    quotes: [`pad: pads must be ${2 * dims.length} counts`, formatShape(dims)],
  })),
  'an expand that would have to shrink or copy': fc.tuple(shape(0, 2), two).map(([dims, [a, b]]) => ({
    call: () => shaping.expand(float([a, ...dims]), [b, ...dims]),
    quotes: ['expand: ', formatShape([a, ...dims]), formatShape([b, ...dims])],
  })),
  'rows that do not fit their indices': fc.tuple(two, shape(0, 2)).map(([[a, b], rest]) => ({
    call: () => shaping.scatterAdd(4, vectorOf('int64', a), float([b, ...rest])),
    quotes: ['scatterAdd: ', formatShape([a]), formatShape([b, ...rest])],
  })),
};

describe.each(Object.entries(mistakes))('refuses %s', (_, mistake) => {
  property.prop([mistake], settings)('with a message that quotes it', ({ call, quotes }) => {
    let message = '';
    try {
      call();
    } catch (error) {
      expect(error).toBeInstanceOf(ShapeError);
      message = (error as Error).message;
    }
    for (const quote of quotes) expect(message).toContain(quote);
  });
});

const n5 = float(['N', 5]);
const three = constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(3n) });

const refusals: readonly (readonly [call: () => unknown, message: string])[] = [
  [() => elementwise.add(1, 2), 'add: one operand must be a value, got the numbers 1 and 2. Use scalar(1)'],
  [() => elementwise.clip(n5, 1, -1), 'clip: min must not exceed max, got 1 and -1'],
  [() => elementwise.and(n5, n5), 'and: operands must be bool, got float32. Use a comparison'],
  [
    () => elementwise.where(n5, n5, n5),
    'where: condition must be bool, got float32. Use a comparison or cast',
  ],
  [
    () => elementwise.add(n5, float(['M', 5])),
    'add: shapes must broadcast, got [N, 5] and [M, 5] (N against M)',
  ],
  [() => shaping.expand(float([1, 5]), ['N', 5]), 'expand: x must broadcast to [N, 5], got [1, 5]'],
  [() => shaping.expand(float([1, 5]), [0, 5]), 'expand: x must broadcast to [0, 5], got [1, 5]'],
  [() => matmul(float([2, 0]), float([0, 3])), 'matmul: sizes must be at least 1, got [2, 0] and [0, 3]'],
  [() => shaping.expand(n5, [3, 5]), 'expand: x must broadcast to [3, 5], got [N, 5]'],
  [
    () => shaping.reshape(n5, [10, 'N']),
    'reshape: element counts must agree, got [N, 5] to [10, N] (5 against 10)',
  ],
  [
    () => shaping.reshape(float(['N', 'M', 2]), ['N', 'M', 2]),
    'reshape: at most one size may be symbolic, got [N, M, 2]',
  ],
  [
    () => shaping.reshape(n5, [-1, -1]),
    'reshape: one size may be -1 where the others divide the element count, got [N, 5] to [-1, -1]',
  ],
  [() => shaping.concat([n5, n5], 0), 'concat: sizes along axis 0 must be numbers, got [N, 5] and [N, 5]'],
  [() => shaping.concat([], 0), 'concat: at least one value is needed, got none'],
  [() => shaping.slice(n5, 0, 1), 'slice: axis 0 must have a number as its size, got N (x [N, 5])'],
  [
    () => shaping.slice(n5, 1, 0.5),
    'slice: bounds must be integers with 0 <= start <= end <= 5 on axis 1, got 0.5 to 5 (x [N, 5])',
  ],
  [
    () => shaping.split(float([3]), [5, -2], 0),
    'split: sizes must be counts, got [5, -2] for axis 0 of x [3]',
  ],
  [() => shaping.pad(n5, [1, 0, 0, 0]), 'pad: axis 0 is symbolic (x [N, 5]) and cannot be padded'],
  [
    () => shaping.gather(n5, vectorOf('bool', 2)),
    'gather: indices must be int64 or int32, got bool. Use cast',
  ],
  [
    () => shaping.scatterAdd(3, vectorOf('int32', 2), float([2])),
    'scatterAdd: indices must be int64, got int32. Use cast',
  ],
  [() => input('x', 'float32', [2, -1]), 'input: sizes must be counts, got [2, -1] for x'],
  [
    () => constant({ dtype: 'float32', shape: [2, 2], data: new Float32Array(3) }),
    'constant: shape [2, 2] needs 4 elements, got 3',
  ],
  [
    () => constant({ dtype: 'float64', shape: [3], data: new Float32Array(3) }),
    'constant: float64 data must be a Float64Array, got a Float32Array',
  ],
  [() => scalar(0.5, 'int32'), 'scalar: int32 needs an integer, got 0.5. Use cast on the other operand'],
  [
    () => loop(scalar(3), { x: n5 }, (_, state) => ({ state })),
    'loop: iterations must be int64 [], got float32 []',
  ],
  [
    () => loop(three, { x: n5 }, (_, { x }) => ({ state: { x: elementwise.cast(x!, 'float64') } })),
    'loop: state 0 must keep its type, got float64 [N, 5] from float32 [N, 5] (initially [N, 5])',
  ],
  [
    () => loop(three, { x: n5 }, (_, { x }) => ({ state: { x: x!, y: x! } })),
    'loop: the body must return the states [x], got [x, y]',
  ],
  [
    () =>
      loop(three, { x: n5 }, (_, { x }) => ({ state: { x: x! }, continueWhile: elementwise.greater(x!, 0) })),
    'loop: the condition must be bool [], got bool [N, 5]',
  ],
];

test.each(refusals.map(([call, message]) => [message, call] as const))('%s', (message, call) => {
  expect(call).toThrow(new ShapeError(message));
});

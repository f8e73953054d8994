import { describe, expect, it } from 'vitest';
import { inputsFor } from '../../../test/play-step.ts';
import { compileGraph, runGraph } from '../../../test/run-graph.ts';
import { float32, float32s, type ReferenceArray, readReference } from '../../../test/tensors.ts';
import { ConfigError, ShapeError } from '../../errors.ts';
import { Feeds } from '../../graph/feeds.ts';
import { mul, square } from '../../graph/functions/elementwise.ts';
import { sum } from '../../graph/functions/reductions.ts';
import { grad } from '../../graph/grad.ts';
import type { Attributes } from '../../graph/operators.ts';
import { elementCount, type Tensor, type Tensors } from '../../graph/tensor.ts';
import { constant, input, topologicalOrder, type Value } from '../../graph/value.ts';
import { fillUniform } from '../../random/uniform.ts';
import { drawFeed } from '../../train/feeder.ts';
import { greyScale, type PixelRange } from '../example-format.ts';
import { type AdaTransform, ada, adaTransforms } from './ada.ts';
import { type Augmentation, type AugmentContext, augmentRandom } from './augmentation.ts';
import { type DiffAugmentPolicy, diffAugment, diffAugmentPolicies } from './diff-augment.ts';

type Kind = 'colour' | 'grey';

interface ReferenceCase {
  readonly images: Kind;
  readonly feeds: Readonly<Record<string, ReferenceArray>>;
  readonly y: ReferenceArray;
  readonly dx: ReferenceArray;
}

const reference = readReference<{
  readonly images: Readonly<Record<Kind, ReferenceArray>>;
  readonly cotangents: Readonly<Record<Kind, ReferenceArray>>;
  readonly diffAugment: readonly (ReferenceCase & { readonly policies: readonly DiffAugmentPolicy[] })[];
  readonly ada: readonly (ReferenceCase & {
    readonly transforms: readonly AdaTransform[];
    readonly p: number;
  })[];
}>('augment');

const everyTransform = Object.fromEntries(adaTransforms.map((name) => [name, 1]));
const ranges: readonly PixelRange[] = ['unit', 'symmetric', { contrast: 9 }, { mean: 0.3, deviation: 0.2 }];

/** Images through an augmentation, with the random inputs that the host would draw at a step. */
async function augmented(
  augmentation: Augmentation,
  x: Tensor,
  range: PixelRange = 'symmetric',
): Promise<Tensor> {
  const feeds = new Feeds();
  const y = augmentation.apply(input('x', x.dtype, x.shape), contextOf(feeds, range));
  const drawn = draws(feeds, 0);
  return (await runGraph({ y }, { x, ...used(y, drawn) })).y!;
}

const contextOf = (feeds: Feeds, range: AugmentContext['range'] = 'symmetric'): AugmentContext => ({
  random: augmentRandom(feeds, 'augment'),
  variables: {},
  range,
});

/** What the host draws for random feeds. */
function draws(feeds: Feeds, step: number): Tensors {
  return Object.fromEntries(
    feeds.list.map((feed) => {
      const data = new Float32Array(elementCount(feed.shape));
      drawFeed(feed, 1, step, data);
      return [feed.name, float32(feed.shape, data)];
    }),
  );
}

/** Tensors that a value depends on: ONNX Runtime refuses others. */
function used(y: Value, tensors: Tensors): Tensors {
  const names = topologicalOrder([y]).flatMap(({ op, attributes }) =>
    op === 'Input' ? [(attributes as Attributes['Input']).name] : [],
  );
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => names.includes(name)));
}

async function expectReference(augmentation: Augmentation, { images, feeds, y, dx }: ReferenceCase) {
  const given = inputsFor(float32s(feeds));
  const taken: string[] = [];
  const take = (name: string, shape: readonly number[]): Value => {
    expect(given[name]?.shape, name).toEqual(shape);
    taken.push(name);
    return given[name]!;
  };
  const random = {
    uniform: take,
    normal: take,
    bernoulli: take,
    circle: (name: string, count: number) => take(name, [count, 2]),
  };
  const { shape } = reference.images[images];
  const x = input('x', 'float32', shape);
  const changed = augmentation.apply(x, { random, variables: {}, range: 'symmetric' });
  const dy = input('dy', 'float32', shape);
  const [gradient] = grad(changed, [x], dy);
  const results = await runGraph(
    { y: changed, dx: gradient! },
    {
      ...float32s({ x: reference.images[images], dy: reference.cotangents[images] }),
      ...float32s(feeds),
    },
  );
  expect(taken.sort()).toEqual(Object.keys(feeds).sort());
  expect(results['y']!.data).toBeAllClose(y.data, { rtol: 1e-5, atol: 2e-6 });
  expect(results['dx']!.data).toBeAllClose(dx.data, { rtol: 1e-5, atol: 4e-6 });
}

function randomImages(shape: readonly number[], low = -1, high = 1): Tensor<'float32'> {
  const data = new Float32Array(elementCount(shape));
  fillUniform({ seed: 5, stream: 1 }, 0, data, low, high);
  return { dtype: 'float32', shape, data };
}

describe('values and gradients are those of PyTorch', () => {
  it.each(reference.diffAugment)('DiffAugment $policies on $images images', async (given) => {
    await expectReference(diffAugment({ policies: given.policies }), given);
  });

  it.each(reference.ada)('ADA $transforms on $images images', async (given) => {
    const transforms = Object.fromEntries(given.transforms.map((name) => [name, 1]));
    await expectReference(ada({ transforms, probability: given.p }), given);
  });
});

describe('in every range', () => {
  const shape = [6, 3, 8, 9];

  it.each([
    ['diffAugment', diffAugment()],
    ['ada', ada({ transforms: everyTransform, probability: 0.9 })],
  ])('%s is the same change of the picture', async (_, augmentation) => {
    const v = randomImages(shape);
    const expected = await augmented(augmentation, v);
    for (const range of ranges) {
      const { middle, unit } = greyScale(range, elementCount(shape.slice(1)));
      const x = float32(
        shape,
        v.data.map((value) => middle + unit * value),
      );
      const y = await augmented(augmentation, x, range);
      const back = Array.from(y.data, Number).map((value) => (value - middle) / unit);
      expect(back).toBeAllClose(expected.data, { rtol: 1e-4, atol: 1e-5 });
    }
  });

  it.each([
    ['diffAugment at strength 0', diffAugment({ strength: 0 })],
    ['ada at p = 0', ada({ transforms: everyTransform, probability: 0 })],
  ])('%s leaves images as they are, to the last bit', async (_, augmentation) => {
    for (const range of ranges) {
      for (const channels of [1, 3]) {
        const x = randomImages([4, channels, 5, 8], -0.1, 1.1);
        const y = await augmented(augmentation, x, range);
        expect(y.data).toEqual(x.data);
      }
    }
  });
});

describe('second derivatives', () => {
  /** float64: the squared norm of the gradient of sum(w T(x)^3) by x, whose gradient goes through T three times. */
  it.each([
    ['diffAugment', diffAugment()],
    ['ada', ada({ transforms: everyTransform, probability: 0.8 })],
  ])('of %s are those of central differences', async (_, augmentation) => {
    const shape = [3, 3, 4, 5];
    const size = elementCount(shape);
    const feeds = new Feeds();
    const x = input('x', 'float64', shape);
    const changed = augmentation.apply(x, contextOf(feeds, 'unit'));
    const weights = constant({
      dtype: 'float64',
      shape,
      data: Float64Array.from({ length: size }, (_, i) => Math.sin(i)),
    });
    const [slope] = grad(sum(mul(weights, mul(changed, square(changed)))), [x]);
    const penalty = sum(square(slope!));
    const [gradient] = grad(penalty, [x]);
    const drawn = used(penalty, draws(feeds, 3));
    const at = Float64Array.from({ length: size }, (_, i) => 0.5 + 0.4 * Math.cos(3 * i));
    const graph = await compileGraph({ penalty, gradient: gradient! });
    const run = (data: Float64Array<ArrayBuffer>) =>
      graph.run({ x: { dtype: 'float64', shape, data }, ...drawn });
    const exact = (await run(at))['gradient']!.data;
    expect(Array.from(exact, Number).some((value) => value !== 0)).toBe(true);
    for (const index of [0, 17, 31, 58, 90, 133, 179]) {
      const h = 1e-5;
      const moved = async (by: number) => {
        const data = Float64Array.from(at);
        data[index]! += by;
        return Number((await run(data))['penalty']!.data[0]);
      };
      const difference = ((await moved(h)) - (await moved(-h))) / (2 * h);
      expect(Number(exact[index])).toBeCloseTo(difference, 5);
    }
    await graph.release();
  });
});

describe('random parameters', () => {
  const count = 4000;

  it('move by each whole number of pixels as often, in each direction', async () => {
    const size = 16;
    const x = float32(
      [count, 1, size, size],
      Float32Array.from({ length: count * size * size }, (_, i) =>
        i % (size * size) === 8 * size + 8 ? 1 : 0,
      ),
    );
    const y = await augmented(diffAugment({ policies: ['translation'] }), x);
    const seen = new Map<string, number>();
    Array.from(y.data, Number).forEach((value, i) => {
      if (value !== 1) return;
      const pixel = i % (size * size);
      const shift = `${Math.floor(pixel / size) - 8} ${(pixel % size) - 8}`;
      seen.set(shift, (seen.get(shift) ?? 0) + 1);
    });
    // 25 places, 160 images expected in each: five standard deviations are 62.
    expect(seen.size).toBe(25);
    for (const [shift, times] of seen) expect(Math.abs(times - count / 25), shift).toBeLessThan(62);
  });

  it('cut out as much as squares with centres anywhere do', async () => {
    const x = float32([count, 1, 8, 8], new Float32Array(count * 64).fill(1));
    const y = await augmented(diffAugment({ policies: ['cutout'] }), x);
    const cut = Array.from(y.data, Number).filter((value) => value === 0).length;
    // Of 9 centres five cut 4 rows, two 3 and two 2; the same for columns.
    expect(cut / (count * 64)).toBeCloseTo((30 / 72) ** 2, 2);
  });

  it.each([
    ['xflip', 0.6, 0.3],
    ['rotate90', 0.6, 0.45],
    ['rotate', 0.6, 0.6],
    ['scale', 0.6, 0.6],
    ['aniso', 0.6, 0.6],
    ['xfrac', 0.6, 0.6],
    ['brightness', 0.6, 0.6],
    ['contrast', 0.6, 0.6],
    ['lumaflip', 0.6, 0.3],
    ['hue', 0.6, 0.6],
    ['saturation', 0.6, 0.6],
  ] as const)('of %s at p = %d change a share of %d of the images', async (name, probability, share) => {
    const size = 3 * 4 * 4;
    const x = randomImages([count, 3, 4, 4]);
    const y = await augmented(ada({ transforms: { [name]: 1 }, probability }), x);
    let changed = 0;
    for (let i = 0; i < count; i++) {
      const same = x.data
        .subarray(i * size, (i + 1) * size)
        .every((value, k) => value === y.data[i * size + k]);
      if (!same) changed++;
    }
    // Four standard deviations.
    expect(Math.abs(changed / count - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / count));
  });

  it('have the strengths of the papers', () => {
    const feeds = new Feeds();
    const x = input('x', 'float32', [2, 3, 8, 16]);
    ada({ transforms: everyTransform }).apply(x, {
      ...contextOf(feeds, 'unit'),
      variables: { 'augment/probability': input('p', 'float32', []) },
    });
    const deviations = Object.fromEntries(
      feeds.list.flatMap(({ name, recipe }) =>
        recipe.kind === 'normal' ? [[name, recipe.standardDeviation]] : [],
      ),
    );
    expect(deviations).toEqual({
      'augment/scale/log': 0.2 * Math.LN2,
      'augment/aniso/log': 0.2 * Math.LN2,
      'augment/xfrac/share': 0.125,
      // 0.2 in [-1, 1] is 0.1 in [0, 1].
      'augment/brightness/shift': 0.1,
      'augment/contrast/log': 0.5 * Math.LN2,
      'augment/saturation/log': Math.LN2,
    });
  });

  it('are shares of p where transforms say so', async () => {
    const x = randomImages([count, 3, 4, 4]);
    const transforms = { brightness: 0.25 };
    const y = await augmented(ada({ transforms, probability: 0.8 }), x);
    let changed = 0;
    for (let i = 0; i < count; i++) if (x.data[i * 48] !== y.data[i * 48]) changed++;
    expect(Math.abs(changed / count - 0.2)).toBeLessThan(4 * Math.sqrt((0.2 * 0.8) / count));
  });
});

describe('mistakes', () => {
  const on = (augmentation: Augmentation, shape: readonly (number | string)[], range?: 'data') => () =>
    augmentation.apply(input('x', 'float32', shape), contextOf(new Feeds(), range));

  it('are said with the value and what to do', () => {
    expect(() => diffAugment({ policies: ['colour' as 'color'] })).toThrow(
      'diffAugment: policies must be known, got colour. One of color, translation, cutout. Did you mean color?',
    );
    expect(() => diffAugment({ policies: [] })).toThrow(/must name at least one, got none/);
    expect(() => diffAugment({ policies: ['color', 'color'] })).toThrow(/once each, got color twice/);
    expect(() => diffAugment({ strength: 2 })).toThrow(ConfigError);
    expect(() => ada({ transforms: { rotat: 1 } as object })).toThrow(/got rotat\. .*Did you mean rotate\?/);
    expect(() => ada({ transforms: {} })).toThrow(/at least one/);
    expect(() => ada({ transforms: { hue: 2 } })).toThrow('ada: transforms.hue must lie in [0, 1], got 2');
    expect(() => ada({ target: 1.5 })).toThrow('ada: target must lie in [-1, 1], got 1.5');
    expect(() => ada({ speed: 0 })).toThrow('ada: speed must be a positive number of images, got 0');
    expect(() => ada({ max: 0 })).toThrow('ada: max must lie in (0, 1], got 0');
    expect(() => ada({ probability: 0.5, target: 0.6 })).toThrow(/must stand alone/);
    expect(on(diffAugment(), [8, 2])).toThrow(ShapeError);
    expect(on(diffAugment(), ['N', 3, 8, 8])).toThrow(ShapeError);
    expect(on(diffAugment(), [4, 1, 8, 8], 'data')).toThrow(/got examples with range data/);
    expect(on(ada({ probability: 1 }), [4, 2, 8, 8])).toThrow(/1 or 3 channels, got 2/);
    expect(diffAugmentPolicies).toEqual(['color', 'translation', 'cutout']);
  });
});

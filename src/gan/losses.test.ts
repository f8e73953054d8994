import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ShapeError } from '../errors.ts';
import { grad } from '../graph/grad.ts';
import { input, type Value } from '../graph/value.ts';
import { binaryCrossEntropy, minimax, nonSaturating } from './losses.ts';

interface GeneratorCase {
  readonly fakeLogits: ReferenceArray;
  readonly value: number;
  readonly fakeGradient: ReferenceArray;
}
interface DiscriminatorCase extends GeneratorCase {
  readonly realLabel: number;
  readonly realLogits: ReferenceArray;
  readonly realGradient: ReferenceArray;
}
interface LossesReference {
  readonly discriminator: readonly DiscriminatorCase[];
  readonly minimax: readonly GeneratorCase[];
  readonly nonSaturating: readonly GeneratorCase[];
}

/** A loss of some logits and its gradient by each of them. */
async function evaluate(
  loss: (...logits: Value[]) => Value,
  ...logits: readonly (readonly number[])[]
): Promise<{ value: number; gradients: number[][] }> {
  const values = logits.map((data, i) => input(`l${i}`, 'float32', [data.length, 1]));
  const result = loss(...values);
  const gradients = grad(result, values);
  const results = await runGraph(
    { loss: result, ...Object.fromEntries(gradients.map((value, i) => [`d${i}`, value])) },
    Object.fromEntries(logits.map((data, i) => [`l${i}`, float32([data.length, 1], data)])),
  );
  return {
    value: Number(results['loss']!.data[0]),
    gradients: logits.map((_, i) => [...results[`d${i}`]!.data].map(Number)),
  };
}

/** The probability that a logit stands for. */
const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

describe('where D is undecided', () => {
  it('D loses log 4', async () => {
    const { value, gradients } = await evaluate(
      (real, fake) => minimax.discriminator(real, fake),
      [0, 0],
      [0, 0],
    );
    expect(value).toBeCloseTo(Math.log(4), 6);
    // Each row's share of the mean: -1/2 pushes real logits up, +1/2 fakes down.
    expect(gradients).toEqual([
      [-0.25, -0.25],
      [0.25, 0.25],
    ]);
  });

  it('G loses log 2 of practice, and -log 2 in the zero-sum game', async () => {
    const practice = await evaluate(nonSaturating.generator, [0]);
    expect(practice.value).toBeCloseTo(Math.log(2), 6);
    expect(practice.gradients).toEqual([[-0.5]]);
    const zeroSum = await evaluate(minimax.generator, [0]);
    expect(zeroSum.value).toBeCloseTo(-Math.log(2), 6);
    expect(zeroSum.gradients).toEqual([[-0.5]]);
  });
});

describe('by hand, from the probabilities', () => {
  const [real, fake] = [
    [0.5, -1.25],
    [2, -0.75],
  ];
  const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

  it('D minimises -E log D(x) - E log(1 - D(G(z)))', async () => {
    const { value, gradients } = await evaluate((r, f) => nonSaturating.discriminator(r, f), real, fake);
    const expected =
      -meanOf(real.map((l) => Math.log(sigmoid(l)))) - meanOf(fake.map((l) => Math.log(1 - sigmoid(l))));
    expect([value]).toBeAllClose([expected]);
    expect(gradients[0]!).toBeAllClose(real.map((l) => (sigmoid(l) - 1) / 2));
    expect(gradients[1]!).toBeAllClose(fake.map((l) => sigmoid(l) / 2));
  });

  it('one-sided smoothing moves the target of the real examples only', async () => {
    const realTarget = 0.9;
    const { value, gradients } = await evaluate(
      (r, f) => minimax.discriminator(r, f, { realTarget }),
      real,
      fake,
    );
    const onReal = real.map((l) => -0.9 * Math.log(sigmoid(l)) - 0.1 * Math.log(1 - sigmoid(l)));
    const onFake = fake.map((l) => -Math.log(1 - sigmoid(l)));
    expect([value]).toBeAllClose([meanOf(onReal) + meanOf(onFake)]);
    // D is content where it says 0.9 of a real example, and still wants 0 of a fake.
    expect(gradients[0]!).toBeAllClose(real.map((l) => (sigmoid(l) - 0.9) / 2));
    expect(gradients[1]!).toBeAllClose(fake.map((l) => sigmoid(l) / 2));
  });

  it('G minimises E log(1 - D(G(z))), whose slope D(G(z)) vanishes where D is sure', async () => {
    const { value, gradients } = await evaluate(minimax.generator, fake);
    expect([value]).toBeAllClose([meanOf(fake.map((l) => Math.log(1 - sigmoid(l))))]);
    expect(gradients[0]!).toBeAllClose(fake.map((l) => -sigmoid(l) / 2));
  });

  it('G of practice minimises -E log D(G(z)), whose slope stays', async () => {
    const { value, gradients } = await evaluate(nonSaturating.generator, fake);
    expect([value]).toBeAllClose([-meanOf(fake.map((l) => Math.log(sigmoid(l))))]);
    expect(gradients[0]!).toBeAllClose(fake.map((l) => (sigmoid(l) - 1) / 2));
  });

  it.each([0, 0.25, 1])('binary cross-entropy against %d', async (target) => {
    const { value, gradients } = await evaluate((l) => binaryCrossEntropy(l, target), real);
    const expected = real.map(
      (l) => -target * Math.log(sigmoid(l)) - (1 - target) * Math.log(1 - sigmoid(l)),
    );
    expect([value]).toBeAllClose([meanOf(expected)]);
    expect(gradients[0]!).toBeAllClose(real.map((l) => (sigmoid(l) - target) / 2));
  });
});

describe("against PyTorch's numbers, out to logits of +-50", () => {
  const reference = readReference<LossesReference>('losses');
  // Below float32's reach PyTorch's float64 says 1e-22 where ours may say 0.
  const tolerance = { rtol: 1e-5, atol: 1e-7 };

  it('the discriminator, with and without smoothing', async () => {
    expect(reference.discriminator.map(({ realLabel }) => realLabel)).toContain(0.9);
    for (const {
      realLabel,
      realLogits,
      fakeLogits,
      value,
      realGradient,
      fakeGradient,
    } of reference.discriminator) {
      for (const { discriminator } of [minimax, nonSaturating]) {
        const found = await evaluate(
          (real, fake) => discriminator(real, fake, { realTarget: realLabel }),
          realLogits.data,
          fakeLogits.data,
        );
        expect([found.value]).toBeAllClose([value], tolerance);
        expect(found.gradients[0]!).toBeAllClose(realGradient.data, tolerance);
        expect(found.gradients[1]!).toBeAllClose(fakeGradient.data, tolerance);
      }
    }
  });

  it.each([
    ['minimax', minimax],
    ['nonSaturating', nonSaturating],
  ] as const)('the generator, %s', async (name, { generator }) => {
    expect(reference[name].flatMap(({ fakeLogits }) => fakeLogits.data)).toEqual(
      expect.arrayContaining([-50, 50]),
    );
    for (const { fakeLogits, value, fakeGradient } of reference[name]) {
      const found = await evaluate(generator, fakeLogits.data);
      expect([found.value]).toBeAllClose([value], tolerance);
      expect(found.gradients[0]!).toBeAllClose(fakeGradient.data, tolerance);
    }
  });
});

it('logits must be one column', () => {
  const [column, flat] = [input('a', 'float32', [4, 1]), input('b', 'float32', [4])];
  const two = input('c', 'float32', [4, 2]);
  expect(() => minimax.discriminator(column, flat)).toThrow(
    new ShapeError('discriminator loss: logits must be [N, 1], got [4]'),
  );
  expect(() => nonSaturating.discriminator(two, column)).toThrow(
    'discriminator loss: logits must be [N, 1], got [4, 2]',
  );
  expect(() => minimax.generator(two)).toThrow(new ShapeError('minimax: logits must be [N, 1], got [4, 2]'));
  expect(() => nonSaturating.generator(flat)).toThrow('nonSaturating: logits must be [N, 1], got [4]');
});

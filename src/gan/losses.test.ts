import { describe, expect, it } from 'vitest';
import { runGraph } from '../../test/run-graph.ts';
import { float32, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ConfigError, ShapeError } from '../errors.ts';
import { grad } from '../graph/grad.ts';
import { constant, input, type Value } from '../graph/value.ts';
import { discriminatorLoss, generatorLoss, type Loss } from './loss.ts';
import { binaryCrossEntropy, minimax, nonSaturating } from './losses/cross-entropy.ts';
import { hinge } from './losses/hinge.ts';
import { leastSquares } from './losses/least-squares.ts';
import { relativistic } from './losses/relativistic.ts';
import { wasserstein } from './losses/wasserstein.ts';
import { losses } from './losses.ts';

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
  readonly descendants: Readonly<Record<string, readonly DescendantCase[]>>;
}
interface DescendantCase {
  readonly realLogits: ReferenceArray;
  readonly fakeLogits: ReferenceArray;
  readonly discriminator: {
    readonly value: number;
    readonly realGradient: ReferenceArray;
    readonly fakeGradient: ReferenceArray;
  };
  readonly generator: { readonly value: number; readonly fakeGradient: ReferenceArray };
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
      (real, fake) => discriminatorLoss(minimax, real, fake),
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
    const practice = await evaluate((l) => generatorLoss(nonSaturating, l), [0]);
    expect(practice.value).toBeCloseTo(Math.log(2), 6);
    expect(practice.gradients).toEqual([[-0.5]]);
    const zeroSum = await evaluate((l) => generatorLoss(minimax, l), [0]);
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
    const { value, gradients } = await evaluate((r, f) => discriminatorLoss(nonSaturating, r, f), real, fake);
    const expected =
      -meanOf(real.map((l) => Math.log(sigmoid(l)))) - meanOf(fake.map((l) => Math.log(1 - sigmoid(l))));
    expect([value]).toBeAllClose([expected]);
    expect(gradients[0]!).toBeAllClose(real.map((l) => (sigmoid(l) - 1) / 2));
    expect(gradients[1]!).toBeAllClose(fake.map((l) => sigmoid(l) / 2));
  });

  it('one-sided smoothing moves the target of the real examples only', async () => {
    const realTarget = 0.9;
    const { value, gradients } = await evaluate(
      (r, f) => discriminatorLoss(minimax, r, f, { realTarget }),
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
    const { value, gradients } = await evaluate((l) => generatorLoss(minimax, l), fake);
    expect([value]).toBeAllClose([meanOf(fake.map((l) => Math.log(1 - sigmoid(l))))]);
    expect(gradients[0]!).toBeAllClose(fake.map((l) => -sigmoid(l) / 2));
  });

  it('G of practice minimises -E log D(G(z)), whose slope stays', async () => {
    const { value, gradients } = await evaluate((l) => generatorLoss(nonSaturating, l), fake);
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
      for (const loss of [minimax, nonSaturating]) {
        const found = await evaluate(
          (real, fake) => discriminatorLoss(loss, real, fake, { realTarget: realLabel }),
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
  ] as const)('the generator, %s', async (name, loss) => {
    expect(reference[name].flatMap(({ fakeLogits }) => fakeLogits.data)).toEqual(
      expect.arrayContaining([-50, 50]),
    );
    for (const { fakeLogits, value, fakeGradient } of reference[name]) {
      const found = await evaluate((l) => generatorLoss(loss, l), fakeLogits.data);
      expect([found.value]).toBeAllClose([value], tolerance);
      expect(found.gradients[0]!).toBeAllClose(fakeGradient.data, tolerance);
    }
  });

  it.each(Object.entries(reference.descendants))('both players, %s', async (name, cases) => {
    const { loss } = losses.find((listed) => listed.loss.name === name)!;
    expect(cases.flatMap(({ fakeLogits }) => fakeLogits.data)).toEqual(expect.arrayContaining([-50, 50]));
    for (const { realLogits, fakeLogits, discriminator, generator } of cases) {
      const ofD = await evaluate((r, f) => discriminatorLoss(loss, r, f), realLogits.data, fakeLogits.data);
      expect([ofD.value]).toBeAllClose([discriminator.value], tolerance);
      expect(ofD.gradients[0]!).toBeAllClose(discriminator.realGradient.data, tolerance);
      expect(ofD.gradients[1]!).toBeAllClose(discriminator.fakeGradient.data, tolerance);
      const real = constant(float32(realLogits.shape, realLogits.data));
      const ofG = await evaluate((f) => generatorLoss(loss, f, { realLogits: real }), fakeLogits.data);
      expect([ofG.value]).toBeAllClose([generator.value], tolerance);
      expect(ofG.gradients[0]!).toBeAllClose(generator.fakeGradient.data, tolerance);
    }
  });

  it('every loss that configs know is among them', () => {
    const known = ['minimax', 'nonSaturating', ...Object.keys(reference.descendants)];
    expect(losses.map(({ loss }) => loss.name).sort()).toEqual(known.sort());
  });
});

describe('by hand, the descendants at D(x) = 3/4 and D(G(z)) = -1/2', () => {
  it.each<[string, Loss, number, number]>([
    // 1/2 (1/4)^2 + 1/2 (1/2)^2; 1/2 (3/2)^2
    ['least squares', leastSquares, 1 / 32 + 1 / 8, 9 / 8],
    ['Wasserstein', wasserstein, -0.5 - 0.75, 0.5],
    // max(0, 1 - 3/4) + max(0, 1 - 1/2)
    ['hinge', hinge, 0.25 + 0.5, 0.5],
    ['relativistic pairing', relativistic, Math.log1p(Math.exp(-1.25)), Math.log1p(Math.exp(1.25))],
  ])('%s', async (_, loss, lossD, lossG) => {
    const ofD = await evaluate((real, fake) => discriminatorLoss(loss, real, fake), [0.75], [-0.5]);
    const ofG = await evaluate(
      (fake, realLogits) => generatorLoss(loss, fake, { realLogits }),
      [-0.5],
      [0.75],
    );
    expect([ofD.value, ofG.value]).toBeAllClose([lossD, lossG]);
  });

  it('pairs are of one row each: two right pairs cost less than two wrong ones of the same logits', async () => {
    const paired = (real: readonly number[]) =>
      evaluate((r, f) => discriminatorLoss(relativistic, r, f), real, [1, -1]);
    const value = (a: number, b: number) => (Math.log1p(Math.exp(-a)) + Math.log1p(Math.exp(-b))) / 2;
    expect([(await paired([1, -1])).value]).toBeAllClose([value(0, 0)]);
    expect([(await paired([-1, 1])).value]).toBeAllClose([value(-2, 2)]);
  });
});

it('a sample counts by its weight, under any loss', async () => {
  const [fake, real] = [
    [0.5, -2, 1],
    [0.25, 1, -1],
  ];
  for (const { loss } of losses) {
    const alone = async (row: number) =>
      (await evaluate((f, realLogits) => generatorLoss(loss, f, { realLogits }), [fake[row]!], [real[row]!]))
        .value;
    const weighted = await evaluate(
      (f, realLogits, weights) => generatorLoss(loss, f, { realLogits, weights }),
      fake,
      real,
      [3, 0, 1],
    );
    expect([weighted.value], loss.name).toBeAllClose([(3 * (await alone(0)) + (await alone(2))) / 3]);
  }
});

it('logits must be one column, and those of real examples be there where a loss compares with them', () => {
  const [column, flat] = [input('a', 'float32', [4, 1]), input('b', 'float32', [4])];
  const two = input('c', 'float32', [4, 2]);
  expect(() => discriminatorLoss(minimax, column, flat)).toThrow(
    new ShapeError('minimax: logits must be [N, 1], got [4]'),
  );
  expect(() => discriminatorLoss(hinge, two, column)).toThrow('hinge: logits must be [N, 1], got [4, 2]');
  expect(() => generatorLoss(minimax, two)).toThrow(
    new ShapeError('minimax: logits must be [N, 1], got [4, 2]'),
  );
  expect(() => generatorLoss(relativistic, column)).toThrow(
    new ShapeError("relativistic: the generator's loss needs realLogits [N, 1], got none"),
  );
  expect(() => discriminatorLoss(hinge, column, column, { realTarget: 0.9 })).toThrow(
    new ConfigError(
      'hinge: label smoothing needs a loss whose logits are log-odds (minimax, nonSaturating), got realTarget 0.9',
    ),
  );
});

import { describe, expect, it } from 'vitest';
import { affineGame } from '../../test/affine-game.ts';
import { inputsFor, playSteps } from '../../test/play-step.ts';
import { runGraph } from '../../test/run-graph.ts';
import { float32, float32s, type ReferenceArray, readReference } from '../../test/tensors.ts';
import { ConfigError } from '../errors.ts';
import { add, max, mul, softplus, sqrt, square, sub, tanh } from '../graph/functions/elementwise.ts';
import { gemm, matmul } from '../graph/functions/linear-algebra.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { grad } from '../graph/grad.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input, type Value } from '../graph/value.ts';
import { linear } from '../optim/schedules.ts';
import { sgd } from '../optim/sgd.ts';
import { initialVariables, type Player } from './game.ts';
import { gameStep } from './game-step.ts';
import { consistency } from './penalties/consistency.ts';
import { gradientPenalty } from './penalties/gradient-penalty.ts';
import { r1 } from './penalties/zero-centred.ts';
import { penalties } from './penalties.ts';
import { type Penalty, type PenaltyInputs, squaredGradientNorms } from './penalty.ts';

interface PenaltiesReference {
  readonly parameters: Readonly<Record<string, ReferenceArray>>;
  readonly real: ReferenceArray;
  readonly fake: ReferenceArray;
  /** In [0, 1), by the names under which penalties draw. */
  readonly draws: Readonly<Record<string, ReferenceArray>>;
  readonly penalties: Readonly<
    Record<
      string,
      {
        readonly settings: Readonly<Record<string, number>>;
        readonly value: number;
        readonly gradients: Readonly<Record<string, ReferenceArray>>;
      }
    >
  >;
}

/** Settings that do not change. */
const numbers = (settings: Penalty['settings'] = {}) => settings as Readonly<Record<string, number>>;

describe("against PyTorch's double backward, on a critic whose every second derivative is at work", () => {
  const reference = readReference<PenaltiesReference>('penalties');
  const parameters = float32s(reference.parameters);

  /** A penalty of that critic, its derivatives by every parameter, and the shapes of what it drew. */
  async function evaluate(penalty: Pick<Penalty, 'value'> & Partial<Penalty>) {
    const values = inputsFor(parameters);
    const affine = (layer: string, x: Value): Value =>
      gemm(x, values[`${layer}/weight`]!, values[`${layer}/bias`]!);
    const discriminate = (x: Value): Value =>
      affine('dense3', softplus(affine('dense2', tanh(affine('dense1', reshape(x, [x.shape[0]!, 16]))))));
    const [real, fake] = [
      input('real', 'float32', reference.real.shape),
      input('fake', 'float32', reference.fake.shape),
    ];
    const drawn: Record<string, Tensor> = {};
    const uniform = (name: string, shape: readonly number[], low: number, high: number): Value => {
      // What two columns need not move by is not in the reference, and a share for each pixel is read off the noise.
      const given = reference.draws[name] ?? reference.draws['translation/rows']!;
      const { data } = shape.join() === given.shape.join() ? given : reference.draws['noise']!;
      drawn[name] = float32(
        shape,
        data.map((u) => low + (high - low) * u),
      );
      return input(name, 'float32', shape);
    };
    const refuse = (name: string): never => {
      throw new Error(`unexpected draw: ${name}`);
    };
    const value = penalty.value(
      {
        real,
        fake,
        realLogits: discriminate(real),
        fakeLogits: discriminate(fake),
        discriminate,
        random: { uniform, normal: refuse, circle: refuse, bernoulli: refuse },
        examples: { shape: [1, 8, 2], dtype: 'float32', range: 'symmetric' },
      },
      numbers(penalty.settings),
    );
    const names = Object.keys(parameters);
    const gradients = grad(
      value,
      names.map((name) => values[name]!),
    );
    const outputs = { value, ...Object.fromEntries(names.map((name, i) => [`d ${name}`, gradients[i]!])) };
    const results = await runGraph(outputs, {
      ...parameters,
      real: float32(reference.real.shape, reference.real.data),
      fake: float32(reference.fake.shape, reference.fake.data),
      ...drawn,
    });
    return { results, drawn };
  }

  async function expectReference(
    name: string,
    penalty: Pick<Penalty, 'value'> & Partial<Penalty>,
  ): Promise<void> {
    const expected = reference.penalties[name]!;
    const { results } = await evaluate(penalty);
    expect(results['value']!.data).toBeAllClose([expected.value], { rtol: 1e-5 });
    for (const [parameter, { data }] of Object.entries(expected.gradients)) {
      const largest = Math.max(...data.map(Math.abs));
      expect(results[`d ${parameter}`]!.data, parameter).toBeAllClose(data, {
        rtol: 0,
        atol: 1e-5 * Math.max(largest, 1e-3),
      });
    }
  }

  it.each(penalties.map(({ kind }) => [kind.definition.name, kind] as const))('%s', async (name, kind) => {
    await expectReference(name, kind(reference.penalties[name]!.settings));
  });

  it('the random numbers have the shapes of the definitions: one share an example, noise for every value', async () => {
    const shapesOf = async (name: string) => {
      const { kind } = penalties.find((listed) => listed.kind.definition.name === name)!;
      const { drawn } = await evaluate(kind());
      return Object.fromEntries(Object.entries(drawn).map(([key, { shape }]) => [key, shape]));
    };
    expect(await shapesOf('gradientPenalty')).toEqual({ share: [5, 1, 1, 1] });
    expect(await shapesOf('zeroCentredGradientPenalty')).toEqual({ share: [5, 1, 1, 1] });
    expect(await shapesOf('dragan')).toEqual({ noise: [5, 1, 8, 2] });
    expect(await shapesOf('r1')).toEqual({});
  });

  describe('wrong forms, which are met in the wild, do not pass for the right one', () => {
    const between = ({ real, fake }: PenaltyInputs, share: Value) => add(fake, mul(share, sub(real, fake)));
    const wrong: [string, string, (inputs: PenaltyInputs) => Value][] = [
      [
        'one norm over the batch instead of one an example',
        'gradientPenalty',
        (inputs) => {
          const x = between(inputs, inputs.random.uniform('share', [5, 1, 1, 1], 0, 1));
          const norm = sqrt(sum(squaredGradientNorms(inputs.discriminate(x), x)));
          return mul(square(sub(norm, 1)), 10);
        },
      ],
      [
        'a share for each pixel instead of one an example',
        'gradientPenalty',
        (inputs) => {
          const x = between(inputs, inputs.random.uniform('share', [5, 1, 8, 2], 0, 1));
          const norms = sqrt(squaredGradientNorms(inputs.discriminate(x), x));
          return mul(mean(square(sub(norms, 1))), 10);
        },
      ],
      [
        'a norm for each pixel instead of one an example',
        'gradientPenalty',
        (inputs) => {
          const x = between(inputs, inputs.random.uniform('share', [5, 1, 1, 1], 0, 1));
          const [slope] = grad(sum(inputs.discriminate(x)), [x]);
          return mul(mean(square(sub(sqrt(max(square(slope!), 1e-24)), 1))), 10);
        },
      ],
      [
        'gamma instead of gamma / 2',
        'r1',
        ({ real, realLogits }) => mul(mean(squaredGradientNorms(realLogits, real)), 10),
      ],
      [
        'the mean of the logits differentiated instead of their sum',
        'r1',
        ({ real, realLogits }) => {
          const [slope] = grad(mean(realLogits), [real]);
          return mul(mean(sum(square(slope!), { axes: [1, 2, 3] })), 5);
        },
      ],
      [
        'a mean over the values of an example instead of a sum',
        'r1',
        ({ real, realLogits }) => mul(mean(square(grad(sum(realLogits), [real])[0]!)), 5),
      ],
    ];

    it.each(wrong)('%s', async (_, name, value) => {
      await expect(expectReference(name, { value })).rejects.toThrow(/toBeAllClose|expected/);
      const right = reference.penalties[name]!.value;
      const found = Number((await evaluate({ value })).results['value']!.data[0]);
      // Not by a hair: a hundred times what the comparison lets pass.
      expect(Math.abs(found - right)).toBeGreaterThan(1e-3 * Math.abs(right));
    });
  });
});

describe('by hand', () => {
  const ofLinear = (penalty: Penalty, w: Value, x: Value, fake = x): Value =>
    penalty.value(
      {
        real: x,
        fake,
        realLogits: matmul(x, w),
        fakeLogits: matmul(fake, w),
        discriminate: (at) => matmul(at, w),
        random: {
          uniform: (name, shape) => input(name, 'float32', shape),
          normal: (name, shape) => input(name, 'float32', shape),
          circle: (name, count) => input(name, 'float32', [count, 2]),
          bernoulli: (name, shape) => input(name, 'bool', shape),
        },
        examples: { shape: [2], dtype: 'float32', range: 'data' },
      },
      numbers(penalty.settings),
    );

  it('R1 is gamma / 2 times the squared norm of the weights for a linear D, whatever the examples', async () => {
    const w = input('w', 'float32', [2, 1]);
    const penalty = ofLinear(r1({ gamma: 10 }), w, input('x', 'float32', [3, 2]));
    const [gradient] = grad(penalty, [w]);
    const results = await runGraph({ penalty, gradient: gradient! }, { w: float32([2, 1], [3, -4]) });
    expect(results['penalty']!.data).toBeAllClose([(10 / 2) * 25]);
    expect(results['gradient']!.data).toBeAllClose([30, -40]);
  });

  it('consistency is of images', () => {
    const [w, x] = [input('w', 'float32', [2, 1]), input('x', 'float32', [3, 2])];
    expect(() => ofLinear(consistency(), w, x)).toThrow(
      new ConfigError('consistency: examples must be images, which can be moved, got points'),
    );
  });

  it('the gradient penalty costs nothing at its target and has no slope, instead of NaN, where D is flat', async () => {
    const x = input('x', 'float32', [3, 2]);
    const at = async (weights: number[]) => {
      const w = input('w', 'float32', [2, 1]);
      const penalty = ofLinear(gradientPenalty(), w, x);
      const [gradient] = grad(penalty, [w]);
      const results = await runGraph({ penalty, gradient: gradient! }, { w: float32([2, 1], weights) });
      return [...results['penalty']!.data, ...results['gradient']!.data].map(Number);
    };
    expect(await at([0.6, -0.8])).toBeAllClose([0, 0, 0], { atol: 1e-5 });
    // (5 - 1)^2, slope 2 (5 - 1) w / ||w||
    expect(await at([3, -4])).toBeAllClose([160, 10 * 8 * 0.6, 10 * -8 * 0.8]);
    expect(await at([0, 0])).toBeAllClose([10, 0, 0]);
  });
});

describe('settings', () => {
  /** A player that stays as it is. */
  const at = (player: Player): Player => ({ ...player, optimiser: sgd({ learningRate: 0 }) });

  it('are the definitions defaults where none are given', () => {
    const all = penalties.map(({ kind }) => kind());
    expect(all.map(({ name, settings, every }) => ({ name, ...settings, every }))).toEqual([
      { name: 'r1', gamma: 10, every: 1 },
      { name: 'r2', gamma: 10, every: 1 },
      { name: 'gradientPenalty', weight: 10, target: 1, every: 1 },
      { name: 'zeroCentredGradientPenalty', weight: 10, every: 1 },
      { name: 'dragan', weight: 10, spread: 0.5, every: 1 },
      { name: 'consistency', weight: 10, every: 1 },
      { name: 'drift', weight: 0.001, every: 1 },
    ]);
  });

  it('may change with the steps: the host feeds them', async () => {
    const game = affineGame({ penalties: [r1({ gamma: linear({ from: 2, to: 0, updates: 2 }) })] });
    const feeds = {
      examples: float32([2, 1], [2, 3]),
      'discriminator/latent': float32([2, 1], [-1, 0.5]),
      'generator/latent': float32([2, 1], [1, -2]),
    };
    const still = { generator: at(game.generator), discriminator: at(game.discriminator) };
    const initial = {
      ...initialVariables(game, 1),
      'discriminator/dense1/weight': float32([1, 1], [3]),
    };
    const played = await playSteps((f) => gameStep({ ...game, ...still }, f), initial, [feeds, feeds, feeds]);
    expect(played.map(({ metrics }) => metrics['penalty/r1']!)).toBeAllClose([9, 4.5, 0]);
  });

  it('are refused where they cannot be', () => {
    expect(() => r1({ gamma: -1 })).toThrow(
      new ConfigError('r1: gamma must be finite and at least 0, got -1'),
    );
    expect(() => gradientPenalty({ target: Number.NaN })).toThrow(
      'gradientPenalty: target must be finite and at least 0, got NaN',
    );
    expect(() => r1({ every: 1.5 })).toThrow(
      new ConfigError('r1: every must be a count of at least 1, got 1.5'),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { playSteps } from '../../test/play-step.ts';
import { float32 } from '../../test/tensors.ts';
import { add, mul, square } from '../graph/functions/elementwise.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import { sgd } from '../optim/sgd.ts';
import type { Objective, Step, Update } from './step.ts';

/** An update of one scalar parameter by plain descent with rate 0.1. */
function update(name: string, objective: (variables: Values) => Value | Objective): Update {
  return {
    name,
    player: name,
    parameters: [name],
    optimiser: sgd({ learningRate: 0.1 }),
    updatesPerStep: 1,
    index: 0,
    objective: (variables) => {
      const built = objective(variables);
      return 'loss' in built ? built : { loss: built };
    },
  };
}

const start: Tensors = { p: float32([], [2]), q: float32([], [3]) };

async function play(step: Step, initial: Tensors = start): Promise<Record<string, number>> {
  const [played] = await playSteps(() => step, initial, [{}]);
  return Object.fromEntries(
    Object.entries(played!.variables).map(([name, { data }]) => [name, Number(data[0])]),
  );
}

describe('two updates', () => {
  // p plays p q, q plays p q^2: both gradients hold both parameters.
  const updates = [update('p', ({ p, q }) => mul(p!, q!)), update('q', ({ p, q }) => mul(p!, square(q!)))];

  it('alternating: the second sees what the first left, as a given', async () => {
    const { p, q } = await play({ order: 'alternating', updates });
    const moved = 2 - 0.1 * 3;
    expect([p!]).toBeAllClose([moved]);
    // Were the new p = 2 - 0.1 q differentiated through, q would move by 0.1 (2 p q - 0.1 q^2) instead.
    expect([q!]).toBeAllClose([3 - 0.1 * 2 * moved * 3]);
  });

  it('simultaneous: both see the same', async () => {
    const { p, q } = await play({ order: 'simultaneous', updates });
    expect([p!, q!]).toBeAllClose([2 - 0.1 * 3, 3 - 0.1 * 2 * 2 * 3]);
  });

  it('in the other order are another step', async () => {
    const { p, q } = await play({ order: 'alternating', updates: updates.toReversed() });
    const moved = 3 - 0.1 * 2 * 2 * 3;
    expect([q!, p!]).toBeAllClose([moved, 2 - 0.1 * moved]);
  });
});

it('one update is a step: nothing here knows of games', async () => {
  const [first, second] = await playSteps(
    () => ({ order: 'alternating', updates: [update('p', ({ p }) => square(p!))] }),
    { p: float32([], [1]) },
    [{}, {}],
  );
  expect(first!.variables['p']!.data).toBeAllClose([0.8]);
  expect(second!.variables['p']!.data).toBeAllClose([0.64]);
  expect(second!.gradientNorms).toEqual({ 'gradientNorm/p': expect.closeTo(1.6, 5) });
});

it('gradients are measured where an objective asks, under the name that it gives', async () => {
  const step: Step = {
    order: 'alternating',
    updates: [
      update('p', ({ p, q }) => {
        const between = mul(p!, q!);
        return { loss: square(between), metrics: { product: between }, gradientNormsAt: { slope: between } };
      }),
    ],
  };
  const [played] = await playSteps(() => step, start, [{}]);
  expect(played!.metrics).toEqual({ product: 6, slope: 12 });
});

it('a loss that no metric shows counts as well where something must be finite', async () => {
  const step: Step = {
    order: 'alternating',
    updates: [
      update('p', ({ p, q }) => ({ loss: mul(p!, q!), metrics: { p: p! } })),
      update('q', ({ q }) => square(q!)),
    ],
  };
  const finiteAt = async (q: number) =>
    (await playSteps(() => step, { ...start, q: float32([], [q]) }, [{}])).map(({ finite }) => finite);
  expect(await finiteAt(3)).toEqual([true]);
  // 1e30 squared is infinite in float32, 2 times 1e30 is not.
  expect(await finiteAt(1e30)).toEqual([false]);
});

it('layer state is carried from one update to the next', async () => {
  const counting = (name: string) =>
    update(name, (variables) => ({
      loss: square(variables[name]!),
      state: { passes: add(variables['passes']!, 1) },
    }));
  const step: Step = { order: 'alternating', updates: [counting('p'), counting('q')] };
  const { passes } = await play(step, { ...start, passes: float32([], [40]) });
  expect(passes).toBe(42);
});

it('averages follow after all updates', async () => {
  const step: Step = {
    order: 'alternating',
    updates: [update('p', ({ p }) => square(p!))],
    averaging: {
      average: exponentialMovingAverage({ decay: ({ update: count }) => (count === 0 ? 0.5 : 0) }),
      follows: { 'average/p': 'p' },
    },
  };
  const played = await playSteps(() => step, { p: float32([], [1]), 'average/p': float32([], [0]) }, [
    {},
    {},
  ]);
  expect(played.map(({ variables }) => Number(variables['average/p']!.data[0]))).toBeAllClose([0.4, 0.64]);
});

import { afterEach, describe, expect, it } from 'vitest';
import { float32 } from '../../test/tensors.ts';
import { datasetFromArray } from '../data/array-dataset.ts';
import { type Minibatches, minibatches } from '../data/minibatches.ts';
import { ConfigError, ExecutionError } from '../errors.ts';
import type { StepOf } from '../gan/step.ts';
import { gemm } from '../graph/functions/linear-algebra.ts';
import type { Tensors } from '../graph/tensor.ts';
import { softmaxCrossEntropy } from '../nn/cross-entropy.ts';
import { sgd } from '../optim/sgd.ts';
import { LocalSession } from '../runtime/local-session.ts';
import { openNodeExecutor } from '../runtime/node.ts';
import type { Session } from '../runtime/session.ts';
import { type StepsProgress, type TrainStepsOptions, trainSteps } from './train-steps.ts';

const BATCH = 5;
const [COUNT, INPUTS, CLASSES] = [23, 2, 3];
const RATE = 0.25;

/** Points of three classes, and softmax regression on them: one update, one product. */
const points = Float32Array.from({ length: COUNT * INPUTS }, (_, i) => Math.sin(i * i + 1));
const labels = Uint8Array.from({ length: COUNT }, (_, i) => (i * 7) % CLASSES);
const start = {
  weight: float32([INPUTS, CLASSES], [0.5, -0.25, 0, 0.125, 0, -0.5]),
  bias: float32([CLASSES], [0, 0.25, 0]),
};
const regression =
  (learningRate: number): StepOf =>
  (feeds) => ({
    order: 'alternating',
    updates: [
      {
        name: 'regression',
        player: 'regression',
        parameters: ['weight', 'bias'],
        optimiser: sgd({ learningRate }),
        updatesPerStep: 1,
        index: 0,
        objective: ({ weight, bias }) => {
          const x = feeds.declare('x', 'float32', [BATCH, INPUTS], { kind: 'minibatch', index: 0 });
          const y = feeds.declare('y', 'uint8', [BATCH], { kind: 'labels', index: 0 });
          const loss = softmaxCrossEntropy(gemm(x, weight!, bias!), y);
          return { loss, metrics: { loss } };
        },
      },
    ],
  });

async function data(labelled = true): Promise<Minibatches> {
  const array = { dtype: 'float32', shape: [COUNT, INPUTS], data: points };
  return minibatches(await datasetFromArray(array, labelled ? { labels } : {}), { batch: BATCH, seed: 3 });
}

/** The same in float64, by the formulas: dL/dlogits = (softmax - oneHot) / N. */
function byHand(
  batches: Minibatches,
  steps: number,
): { losses: number[]; variables: Record<string, number[]> } {
  const weight = Array.from(start.weight.data);
  const bias = Array.from(start.bias.data);
  const losses: number[] = [];
  const [x, y] = [new Float32Array(BATCH * INPUTS), new Uint8Array(BATCH)];
  for (let step = 0; step < steps; step++) {
    batches.fill(step, 0, x);
    batches.fillLabels(step, 0, y);
    const gradient = { weight: weight.map(() => 0), bias: bias.map(() => 0) };
    let loss = 0;
    for (let n = 0; n < BATCH; n++) {
      const row = x.subarray(n * INPUTS, (n + 1) * INPUTS);
      const logits = bias.map((b, c) => b + row.reduce((sum, v, i) => sum + v * weight[i * CLASSES + c]!, 0));
      const total = logits.reduce((sum, l) => sum + Math.exp(l), 0);
      loss -= (logits[y[n]!]! - Math.log(total)) / BATCH;
      for (const [c, logit] of logits.entries()) {
        const share = (Math.exp(logit) / total - (c === y[n] ? 1 : 0)) / BATCH;
        gradient.bias[c]! += share;
        for (const [i, v] of row.entries()) gradient.weight[i * CLASSES + c]! += share * v;
      }
    }
    losses.push(loss);
    for (const [i, g] of gradient.weight.entries()) weight[i]! -= RATE * g;
    for (const [i, g] of gradient.bias.entries()) bias[i]! -= RATE * g;
  }
  return { losses, variables: { weight, bias } };
}

const sessions: Session[] = [];
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.release()));
});

/** Runs `trainSteps` to its end, or until `leave` says so. */
async function fitted(
  options: Partial<TrainStepsOptions>,
  leave: (progress: StepsProgress) => boolean = () => false,
): Promise<{ told: StepsProgress[]; variables: Tensors }> {
  const session = new LocalSession(await openNodeExecutor({ device: 'cpu', threads: 1 }));
  sessions.push(session);
  const told: StepsProgress[] = [];
  const all = { step: regression(RATE), variables: start, session, steps: 21, seed: 1, ...options };
  for await (const progress of trainSteps({ ...all, minibatches: options.minibatches ?? (await data()) })) {
    told.push(progress);
    if (leave(progress)) break;
  }
  return { told, variables: await session.readState(['weight', 'bias']) };
}

describe('a classifier is one update', () => {
  it('is what its formulas give in float64, step by step, each label with its example', async () => {
    const expected = byHand(await data(), 21);
    const { told, variables } = await fitted({});
    const rows = told.flatMap((progress) => progress.rows);
    expect(rows.map(({ step }) => step)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(rows.map((row) => row['loss']!)).toBeAllClose(expected.losses, { rtol: 1e-5 });
    expect(variables['weight']!.data).toBeAllClose(expected.variables['weight']!, { atol: 1e-6 });
    expect(variables['bias']!.data).toBeAllClose(expected.variables['bias']!, { atol: 1e-6 });
  });

  it('does not depend on how its steps are grouped, and leaves the variables that it was given alone', async () => {
    const before = structuredClone(start);
    const whole = await fitted({});
    const cut = await fitted({ every: 2 });
    expect(cut.told.map(({ step }) => step)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 21]);
    expect(cut.variables).toEqual(whole.variables);
    expect(cut.told.flatMap(({ rows }) => rows)).toEqual(whole.told.flatMap(({ rows }) => rows));
    expect(start).toEqual(before);
  });

  it('ends where it is left or aborted, with the variables as they were then', async () => {
    const expected = byHand(await data(), 6).variables['bias']!;
    const left = await fitted({ every: 6 }, ({ step }) => step === 6);
    expect(left.variables['bias']!.data).toBeAllClose(expected, { atol: 1e-6 });
    const controller = new AbortController();
    const aborted = await fitted({ every: 6, signal: controller.signal }, ({ step }) => {
      if (step === 6) controller.abort();
      return false;
    });
    expect(aborted.told.at(-1)!.step).toBe(6);
    expect(aborted.variables).toEqual(left.variables);
  });
});

describe('refuses', () => {
  it('what stops being finite, with the step', async () => {
    const failing = fitted({ step: regression(1e38) });
    await expect(failing).rejects.toThrow(ExecutionError);
    await expect(failing).rejects.toThrow(
      /^trainSteps: every loss and metric must stay finite, got loss = (NaN|Infinity) at step \d+\. Lower the learning rate/,
    );
  });

  it('data without labels, where the step asks for them', async () => {
    await expect(fitted({ minibatches: await data(false) })).rejects.toThrow(
      'fillLabels: the data set must have labels, got array, which has none',
    );
  });

  it('counts that are none', async () => {
    await expect(fitted({ steps: 0 })).rejects.toThrow(
      new ConfigError('trainSteps: steps must be a count of at least 1, got 0'),
    );
    await expect(fitted({ every: 1.5 })).rejects.toThrow(
      'trainSteps: every must be a count of at least 1, got 1.5',
    );
  });
});

import type { Distribution } from '../../data/dataset.ts';
import { type Minibatches, minibatches } from '../../data/minibatches.ts';
import { discriminatorLoss } from '../../gan/loss.ts';
import { minimax } from '../../gan/losses/cross-entropy.ts';
import type { StepOf } from '../../gan/step.ts';
import { concat, slice } from '../../graph/functions/shaping.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { tanh } from '../../nn/activations.ts';
import { dense } from '../../nn/dense.ts';
import { glorot } from '../../nn/initialisers.ts';
import { type Network, sequential } from '../../nn/sequential.ts';
import { adam } from '../../optim/adam.ts';
import { cosine } from '../../optim/schedules.ts';
import { streamOf } from '../../random/threefry.ts';
import type { Session } from '../../runtime/session.ts';
import { networkValues, openPhases } from '../phases.ts';

/** A discriminator's training on a generator that does not move. */
export interface FixedPair {
  readonly data: Distribution;
  /** What the generator draws, as a density of its own: G is fixed, so nothing else of it matters. */
  readonly model: Distribution;
  /** Units of each of the hidden layers of D. */
  readonly hidden: readonly number[];
  /** Draws of each kind; default without end. */
  readonly samples?: number;
  readonly steps: number;
  readonly seed: number;
}

const BATCH = 256;

/** Real and fake side by side, `[2 d]`, so that one finite set can hold both. */
function paired({ data, model }: FixedPair): Distribution {
  const [d] = data.exampleShape;
  return {
    kind: 'points',
    name: `${data.name} beside ${model.name}`,
    exampleShape: [2 * d],
    fingerprint: `${data.fingerprint} | ${model.fingerprint}`,
    draw(key, step, out) {
      const rows = out.length / (2 * d);
      const [real, fake] = [new Float32Array(rows * d), new Float32Array(rows * d)];
      data.draw({ ...key, stream: (key.stream ^ streamOf('pair/real')) >>> 0 }, step, real);
      model.draw({ ...key, stream: (key.stream ^ streamOf('pair/fake')) >>> 0 }, step, fake);
      for (let row = 0; row < rows; row++) {
        out.set(real.subarray(row * d, (row + 1) * d), 2 * row * d);
        out.set(fake.subarray(row * d, (row + 1) * d), (2 * row + 1) * d);
      }
    },
  };
}

function batches(pair: FixedPair): Minibatches {
  const source = paired(pair);
  const { samples, seed } = pair;
  if (samples === undefined) return minibatches(source, { batch: BATCH, seed });
  const examples = new Float32Array(samples * source.exampleShape[0]);
  source.draw({ seed, stream: streamOf('pair/set') }, 0, examples);
  const train = { count: samples, examples };
  return minibatches(
    { name: source.name, exampleShape: source.exampleShape, train },
    { batch: Math.min(BATCH, samples), seed },
  );
}

/**
 * D alone, its layers of tanh, trained on one pair by Adam with a learning rate that falls from 0.01 to 0.
 *
 * @returns the trained network's logits at any points, float32 [N, d] -> [N]
 */
export async function trainOnPair(
  session: Session,
  pair: FixedPair,
): Promise<{ readonly network: Network; logits(points: Tensor<'float32'>): Promise<Float32Array> }> {
  const [d] = pair.data.exampleShape;
  const weight = glorot();
  const network = sequential(
    'discriminator',
    [d],
    [...pair.hidden.flatMap((units) => [dense({ units, weight }), tanh()]), dense({ units: 1, weight })],
  );
  const { parameters } = network.init(pair.seed);
  const optimiser = adam({ learningRate: cosine({ from: 0.01, to: 0, updates: pair.steps }) });
  const examples = batches(pair);
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    updates: [
      {
        name: 'discriminator',
        player: 'discriminator',
        parameters: Object.keys(parameters),
        optimiser,
        updatesPerStep: 1,
        index: 0,
        objective: (variables) => {
          const both = feeds.declare('pairs', 'float32', [examples.batch, 2 * d], {
            kind: 'minibatch',
            index: 0,
          });
          const x = concat([slice(both, 1, 0, d), slice(both, 1, d, 2 * d)], 0);
          const context = { mode: 'train', bernoulli: feeds.bernoulli.bind(feeds) } as const;
          const { y } = network.apply({ parameters: variables, state: {} }, x, context);
          const { batch } = examples;
          const loss = discriminatorLoss(minimax, slice(y, 0, 0, batch), slice(y, 0, batch, 2 * batch));
          return { loss, metrics: { lossD: loss } };
        },
      },
    ],
  });
  const phases = await openPhases(
    session,
    { discriminator: step },
    { ...parameters, ...optimiser.init(parameters) },
    { seed: pair.seed, minibatches: examples },
  );
  await phases.run('discriminator', pair.steps);
  return { network, logits: (points) => networkValues(session, network, points) };
}

import { type FiniteDataset, trainingCount } from '../data/dataset.ts';
import { type Minibatches, minibatches } from '../data/minibatches.ts';
import { ConfigError, DataError } from '../errors.ts';
import { toNetworkRange } from '../gan/example-format.ts';
import { gaussian, latentFeed } from '../gan/latent.ts';
import { discriminatorLoss, generatorLoss } from '../gan/loss.ts';
import { nonSaturating } from '../gan/losses/cross-entropy.ts';
import { squaredGradientNorms } from '../gan/penalty.ts';
import type { Objective, StepOf, Update } from '../gan/step.ts';
import type { Feeds } from '../graph/feeds.ts';
import {
  add,
  div,
  max,
  mul,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  sub,
} from '../graph/functions/elementwise.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { trainingPass } from '../learned/layer-context.ts';
import { adam } from '../optim/adam.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import type { Optimiser } from '../optim/optimiser.ts';
import { linear } from '../optim/schedules.ts';
import type { Session } from '../runtime/session.ts';
import { trainSteps } from '../train/train-steps.ts';
import { INPAINTING_LATENT_DIM, type InpainterNetworks, inpainterNetworks } from './inpainter-network.ts';
import { randomMasks } from './masks.ts';

/** Changes with whatever changes the inpainter that comes out: architecture or training. */
export const INPAINTER_RECIPE = '1';
/** Of `trainInpainter`, where none is given. */
export const INPAINTER_DEFAULTS = { seed: 1, steps: 4000, energyWeight: 1 } as const;

const BATCH = 64;
const LEARNING_RATE = 0.0007;
const R1_GAMMA = 2;
const AVERAGE_DECAY = 0.995;
const AVERAGE = 'average/';
/** A distance of 0 has no slope; pixels are in [0, 1]. */
const SMALLEST_DISTANCE = 1e-3;

/** A network that completes images from whatever is known of them, and one that predicts the mean completion. */
export interface Inpainter {
  /** Name and fingerprint of the data set. */
  readonly dataset: string;
  readonly fingerprint: string;
  readonly exampleShape: readonly [number, number, number];
  readonly seed: number;
  /** Iterations of training. */
  readonly steps: number;
  readonly energyWeight: number;
  /** Parameters of both by name, float32; the completer's are a moving average. */
  readonly variables: Tensors;
}

/** What `trainInpainter` needs besides the data. */
export interface InpainterOptions {
  /** Where it is trained; its state gets the variables of all networks. */
  readonly session: Session;
  /** Of weights, order, masks and latent vectors: integer in [0, 2^32). Default 1. */
  readonly seed?: number | undefined;
  /** Iterations, at least 1. Default 4,000. */
  readonly steps?: number | undefined;
  /** Of the energy score in G's loss; 0: the game alone. Default 1. */
  readonly energyWeight?: number | undefined;
  /** Told after every chunk, about twice a second: iterations so far, and of how many. */
  readonly onProgress?: ((step: number, steps: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains one network for all conditionals p(x_S | x_not S): a game in which the generator sees z, the known pixels of an
 * image and which they are, and the discriminator sees completed or real images beside the same mask; masks are random
 * (`randomMasks`). One iteration is an update of D, one of G, and one of a network of the generator's form that minimises
 * the squared error of hidden pixels instead, on the same images and masks: what the game is compared with.
 *
 * Non-saturating loss, R1 with gamma 2, Adam without a first moment at 0.0007 falling to 0 (0.9 for the mean predictor),
 * minibatches of 64, averaged weights (0.995): in short, the recipe of the preset `mnist`.
 *
 * @throws DataError where the examples are no images or fewer than a minibatch; ConfigError where steps is no count;
 *   ExecutionError where training fails; what `signal` was aborted with
 * @see Goodfellow et al. 2014, section 7, point 3
 */
export async function trainInpainter(
  dataset: FiniteDataset,
  {
    session,
    seed = INPAINTER_DEFAULTS.seed,
    steps = INPAINTER_DEFAULTS.steps,
    energyWeight = INPAINTER_DEFAULTS.energyWeight,
    onProgress,
    signal,
  }: InpainterOptions,
): Promise<Inpainter> {
  const exampleShape = imageShapeOf(dataset);
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new ConfigError(`trainInpainter: steps must be a count of at least 1, got ${steps}`);
  const networks = inpainterNetworks(exampleShape);
  const parameters = networks.init(seed);
  const batches = minibatches(dataset, { batch: Math.min(BATCH, trainingCount(dataset)), seed });
  const learningRate = linear({ from: LEARNING_RATE, to: 0, updates: steps });
  const players = adam({ learningRate, beta1: 0, beta2: 0.99 });
  const optimisers = { completer: players, discriminator: players, meanPredictor: adam({ learningRate }) };
  const average = exponentialMovingAverage({ decay: AVERAGE_DECAY });
  const averages = withPrefix(AVERAGE, average.init(parameters.completer));
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    averaging: {
      average,
      follows: Object.fromEntries(Object.keys(parameters.completer).map((name) => [AVERAGE + name, name])),
    },
    updates: updatesOf(networks, parameters, optimisers, batches, feeds, energyWeight),
  });
  const progress = trainSteps({
    step,
    variables: { ...averages, ...initialVariables(parameters, optimisers) },
    session,
    minibatches: batches,
    steps,
    seed,
    signal,
  });
  for await (const { step: done } of progress) onProgress?.(done, steps);
  if (signal?.aborted) throw signal.reason;
  const trained = await session.readState([
    ...Object.keys(averages),
    ...Object.keys(parameters.meanPredictor),
  ]);
  return {
    dataset: dataset.name,
    fingerprint: dataset.fingerprint,
    exampleShape,
    seed,
    steps,
    energyWeight,
    variables: Object.fromEntries(
      Object.entries(trained).map(([name, tensor]) => [name.replace(AVERAGE, ''), tensor]),
    ),
  };
}

type Networks = ReturnType<InpainterNetworks['init']>;
type Optimisers = Readonly<Record<keyof Networks, Optimiser>>;

function initialVariables(parameters: Networks, optimisers: Optimisers): Tensors {
  const names = Object.keys(parameters) as (keyof Networks)[];
  return Object.assign(
    {},
    ...names.map((name) => ({ ...parameters[name], ...optimisers[name].init(parameters[name]) })),
  );
}

function updatesOf(
  networks: InpainterNetworks,
  parameters: Networks,
  optimisers: Optimisers,
  { batch, dtype, exampleShape }: Minibatches,
  feeds: Feeds,
  energyWeight: number,
): readonly Update[] {
  const [, height, width] = networks.exampleShape;
  const raw = feeds.declare('examples', dtype, [batch, ...exampleShape], { kind: 'minibatch', index: 0 });
  const x = toNetworkRange(raw, { shape: exampleShape, dtype, range: 'unit' });
  const known = randomMasks(feeds, 'masks', batch, height, width);
  const pass = trainingPass(feeds);
  const completed = (variables: Values, player: string): Value => {
    const z = latentFeed(feeds, `${player}/latent`, gaussian, batch, INPAINTING_LATENT_DIM);
    return networks.complete(variables, z, x, known, pass);
  };
  const update = (name: keyof Networks, objective: (variables: Values) => Objective): Update => ({
    name,
    player: name,
    parameters: Object.keys(parameters[name]),
    optimiser: optimisers[name],
    updatesPerStep: 1,
    index: 0,
    objective,
  });
  return [
    update('discriminator', (variables) => {
      const realLogits = networks.discriminate(variables, x, known, pass);
      const fake = stopGradient(completed(variables, 'discriminator'));
      const fakeLogits = networks.discriminate(variables, fake, known, pass);
      const lossD = discriminatorLoss(nonSaturating, realLogits, fakeLogits);
      const penalty = mul(mean(squaredGradientNorms(realLogits, x)), R1_GAMMA / 2);
      const metrics = { lossD, 'D(x)': mean(sigmoid(realLogits)), 'D(G(z))': mean(sigmoid(fakeLogits)) };
      return { loss: add(lossD, penalty), metrics };
    }),
    update('completer', (variables) => {
      const first = completed(variables, 'completer/first');
      const lossG = generatorLoss(nonSaturating, networks.discriminate(variables, first, known, pass));
      if (energyWeight === 0) return { loss: lossG, metrics: { lossG } };
      const energy = energyScore(x, first, completed(variables, 'completer/second'));
      return { loss: add(lossG, mul(energy, energyWeight)), metrics: { lossG, energy } };
    }),
    update('meanPredictor', (variables) => {
      const difference = sub(networks.predictMean(variables, x, known, pass), x);
      // Known pixels are as they were: the sum is over hidden ones.
      const hidden = mul(sum(sub(1, known)), networks.exampleShape[0]);
      const error = div(sum(square(difference)), add(hidden, 1));
      return { loss: error, metrics: { meanPredictorError: error } };
    }),
  ];
}

/**
 * The energy score of two draws, `mean over images of (||x - a|| + ||x - b||) / 2 - ||a - b|| / 2`: its expectation is smallest
 * where the draws have the distribution of x given what is known, and nowhere else (it is strictly proper).
 *
 * @param x - float32 [N, C, H, W], the true images; known pixels are equal in all three
 * @see Gneiting and Raftery 2007, section 4.2, https://doi.org/10.1198/016214506000001437
 */
export function energyScore(x: Value, a: Value, b: Value): Value {
  const distance = (from: Value, to: Value): Value =>
    sqrt(max(sum(square(sub(from, to)), { axes: [1, 2, 3] }), SMALLEST_DISTANCE ** 2));
  return mul(mean(sub(add(distance(x, a), distance(x, b)), distance(a, b))), 0.5);
}

function withPrefix(prefix: string, tensors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
}

/** @throws DataError where the examples are no images, or too few */
function imageShapeOf({ name, kind, exampleShape, train }: FiniteDataset): readonly [number, number, number] {
  if (kind !== 'images' || exampleShape.length !== 3)
    throw new DataError(`trainInpainter: data must be images [C, H, W], got ${name}`);
  if (train.count < 2)
    throw new DataError(`trainInpainter: ${name} must have at least 2 training images, got ${train.count}`);
  return exampleShape as readonly [number, number, number];
}

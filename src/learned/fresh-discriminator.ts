import { minibatches } from '../data/minibatches.ts';
import type { Averaging, StepOf } from '../gan/step.ts';
import { cast, mul, softplus, sub } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { leakyRelu } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { dropout } from '../nn/dropout.ts';
import { he, zeros } from '../nn/initialisers.ts';
import type { Layer } from '../nn/layer.ts';
import { type Network, sequential } from '../nn/sequential.ts';
import { adam } from '../optim/adam.ts';
import { exponentialMovingAverage } from '../optim/ema.ts';
import type { Session } from '../runtime/session.ts';
import { trainSteps } from '../train/train-steps.ts';
import { predictingPass, trainingPass } from './layer-context.ts';
import { labelledFeeds, predict, predictionProgram } from './prediction.ts';
import { type Standardisation, standardisationOf, standardise } from './standardisation.ts';
import type { LabelledSet, TwoSampleParts } from './two-sample-parts.ts';
import { withWaves } from './wave-features.ts';

const BATCH = 256;
const LEARNING_RATE = 0.001;
const EPOCHS = 25;
const FEWEST_STEPS = 500;
/** Looks at the validation part without a lower loss after which nothing more is expected. */
const PATIENCE = 6;
/** A validation loss, in nats, below which there is nothing left to learn. */
const CERTAIN = 0.001;
/** Weights are judged as they are on average over about 50 iterations: single ones are noisy under dropout. */
const AVERAGE_DECAY = 0.98;
const AVERAGE = 'average/';

const IDENTITY: Standardisation = { mean: [0], deviation: [1] };

/** What trains a discriminator. */
export interface FreshDiscriminatorOptions {
  readonly kind: 'images' | 'points';
  readonly parts: TwoSampleParts;
  readonly session: Session;
  readonly seed: number;
  readonly onProgress?: ((step: number, steps: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A discriminator that was trained on one part and chosen on another. */
export interface FreshDiscriminator {
  /** Layer by layer: `784 - 512 - 256 - 1`. */
  readonly network: string;
  /** Iterations of its weights. */
  readonly step: number;
  /** Iterations in all; the later ones made it no better. */
  readonly steps: number;
  /** Its verdict on examples that it was not trained on. */
  judge(part: LabelledSet): Promise<Judgement>;
}

/** How well a discriminator tells real examples from fakes. */
export interface Judgement {
  /** Share that it calls right; a logit of 0 is half right. */
  readonly accuracy: number;
  /** Mean, in nats. */
  readonly crossEntropy: number;
  /** Standard error of that mean. */
  readonly crossEntropyError: number;
}

/**
 * Trains a discriminator from scratch on labelled examples and keeps the weights with the lowest loss on the validation
 * part; those before the first iteration, D = 1/2 everywhere, are among them.
 *
 * @throws ExecutionError where training fails; what `signal` was aborted with
 */
export async function trainFreshDiscriminator({
  kind,
  parts,
  session,
  seed,
  onProgress,
  signal,
}: FreshDiscriminatorOptions): Promise<FreshDiscriminator> {
  // Examples that are all alike on both sides leave nothing to standardise, and nothing to tell apart.
  const found = standardisationOf(kind, parts.training) ?? IDENTITY;
  const seen = (part: LabelledSet): LabelledSet => (kind === 'points' ? withWaves(part, found) : part);
  const standardisation = kind === 'points' ? IDENTITY : found;
  const [training, validation] = [seen(parts.training), seen(parts.validation)];
  const dimension = training.examples.length / training.count;
  const network = discriminator(kind, dimension);
  const logitsOf = (variables: Values, x: Value, pass: typeof predictingPass): Value =>
    network.apply({ parameters: variables, state: {} }, standardise(x, standardisation), pass).y;
  const { parameters } = network.init(seed);
  const averages = copiesForAveraging(parameters);
  const averaging: Averaging = {
    average: exponentialMovingAverage({ decay: AVERAGE_DECAY }),
    follows: Object.fromEntries(Object.keys(parameters).map((name) => [AVERAGE + name, name])),
  };
  const optimiser = adam({ learningRate: LEARNING_RATE });
  const batch = Math.min(BATCH, Math.floor(training.count / 4));
  const batches = minibatches(
    { name: 'real and fake', exampleShape: [dimension], train: training },
    { batch, seed },
  );
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    averaging,
    updates: [
      {
        name: 'twoSample',
        player: 'twoSample',
        parameters: Object.keys(parameters),
        optimiser,
        updatesPerStep: 1,
        index: 0,
        objective: (variables) => {
          const { x, labels } = labelledFeeds(feeds, batches);
          const logits = logitsOf(variables, x, trainingPass(feeds));
          const isReal = reshape(cast(labels, 'float32'), [batch, 1]);
          const loss = mean(sub(softplus(logits), mul(isReal, logits)));
          return { loss, metrics: { loss } };
        },
      },
    ],
  });
  const program = predictionProgram({
    name: 'twoSample/logits',
    dimension,
    variables: averages,
    weights: 'state',
    build: (x, values) => ({ logits: logitsOf(withoutPrefix(values), x, predictingPass) }),
  });
  await session.compile(program);
  const judge = async (part: LabelledSet): Promise<Judgement> => {
    const { logits } = await predict(session, program.name, part);
    return judgement(logits!.data, part.labels);
  };
  const epoch = Math.floor(training.count / batch);
  const every = Math.max(epoch, Math.ceil(FEWEST_STEPS / EPOCHS));
  const most = EPOCHS * every;
  let steps = 0;
  let best = { step: 0, loss: Math.LN2, averages };
  const variables = { ...parameters, ...averages, ...optimiser.init(parameters) };
  for await (const progress of trainSteps({
    step,
    variables,
    session,
    minibatches: batches,
    steps: most,
    seed,
    every,
    signal,
  })) {
    steps = progress.step;
    onProgress?.(steps, most);
    if (steps % every !== 0) continue;
    const { crossEntropy: loss } = await judge(validation);
    if (loss < best.loss)
      best = { step: steps, loss, averages: await session.readState(Object.keys(averages)) };
    if (loss < CERTAIN || steps - best.step >= PATIENCE * every) break;
  }
  if (signal?.aborted) throw signal.reason;
  await session.writeState(best.averages);
  return { network: described(network), step: best.step, steps, judge: (part) => judge(seen(part)) };
}

/** It starts without an opinion: the last layer's weights are 0, so that D is exactly 1/2. */
function discriminator(kind: 'images' | 'points', dimension: number): Network {
  const hidden = (units: number): Layer[] => [dense({ units, weight: he() }), leakyRelu()];
  const half = dropout({ include: 0.5 });
  const layers =
    kind === 'images'
      ? [...hidden(512), half, ...hidden(256), half]
      : [...hidden(128), ...hidden(128), ...hidden(128)];
  return sequential('twoSample', [dimension], [...layers, dense({ units: 1, weight: zeros() })]);
}

function described({ inputShape, layers }: Network): string {
  const units = layers.filter(({ layer }) => layer.kind === 'dense').map(({ outputShape }) => outputShape[0]);
  return [...inputShape, ...units].join(' - ');
}

/** The first averages: the parameters, under names of their own. */
function copiesForAveraging(parameters: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]): [string, Tensor] => [
      AVERAGE + name,
      { ...tensor, data: tensor.data.slice() },
    ]),
  );
}

function withoutPrefix(averages: Values): Values {
  return Object.fromEntries(
    Object.entries(averages).map(([name, value]) => [name.slice(AVERAGE.length), value]),
  );
}

/** Logits above 0 say "real", which is label 1. */
function judgement(logits: Float32Array, labels: Uint8Array): Judgement {
  const n = labels.length;
  let [right, sum, squares] = [0, 0, 0];
  for (const [i, label] of labels.entries()) {
    const logit = label === 1 ? logits[i]! : -logits[i]!;
    right += logit > 0 ? 1 : logit === 0 ? 0.5 : 0;
    const loss = Math.max(-logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
    sum += loss;
    squares += loss * loss;
  }
  const variance = Math.max(0, squares / n - (sum / n) ** 2);
  return { accuracy: right / n, crossEntropy: sum / n, crossEntropyError: Math.sqrt(variance / n) };
}

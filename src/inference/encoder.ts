import { ConfigError } from '../errors.ts';
import { latentFeed } from '../gan/latent.ts';
import type { StepOf } from '../gan/step.ts';
import { mul, square, stopGradient, sub } from '../graph/functions/elementwise.ts';
import { mean } from '../graph/functions/reductions.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { predictingPass, trainingPass } from '../learned/layer-context.ts';
import { leakyRelu } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { he, zeros } from '../nn/initialisers.ts';
import type { LayerContext } from '../nn/layer.ts';
import { type Network, sequential } from '../nn/sequential.ts';
import { adam } from '../optim/adam.ts';
import { cosine } from '../optim/schedules.ts';
import type { Session } from '../runtime/session.ts';
import { trainSteps } from '../train/train-steps.ts';
import type { FixedGenerator } from './fixed-generator.ts';
import { latentSupport } from './latent-support.ts';
import { noData } from './no-data.ts';

/** Changes with whatever changes the encoder that comes out: architecture or training. */
export const ENCODER_RECIPE = '1';
/** Of `trainEncoder`, where none is given. */
export const ENCODER_DEFAULTS = { seed: 1, steps: 3000, width: 1024 } as const;

const BATCH = 128;
const LEARNING_RATE = 0.0003;
/** The last error is an average over as many iterations, since one minibatch is noisy. */
const LAST = 100;

/** A network that was trained to name the z of an image, while the generator stood still. */
export interface Encoder {
  readonly latentDim: number;
  readonly exampleShape: readonly number[];
  readonly seed: number;
  /** Iterations of training. */
  readonly steps: number;
  /**
   * Mean of `(z - E(G(z)))^2` over fresh z, over the last iterations, divided by the variance of p(z): 0 where z is
   * recovered, 1 where nothing is known of it.
   */
  readonly latentError: number;
  /** Parameters by name, float32. */
  readonly variables: Tensors;
}

/** What `trainEncoder` needs besides the generator. */
export interface EncoderOptions {
  /** Where it is trained; its state gets the variables of both networks. */
  readonly session: Session;
  /** Of weights and latent vectors: integer in [0, 2^32). Default 1. */
  readonly seed?: number | undefined;
  /** Iterations, at least 1. Default 3,000. */
  readonly steps?: number | undefined;
  /** Units of each of the two hidden layers. Default 1,024. */
  readonly width?: number | undefined;
  /** Told after every chunk, about twice a second: iterations so far, and of how many. */
  readonly onProgress?: ((step: number, steps: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** It starts in the middle of p(z): from a random start, Adam's first steps would push z to an edge that has no gradient. */
function encoderNetwork(exampleShape: readonly number[], latentDim: number, width: number): Network {
  const weight = he();
  return sequential(
    'encoder',
    [elementCount(exampleShape)],
    [
      dense({ units: width, weight }),
      leakyRelu(),
      dense({ units: width, weight }),
      leakyRelu(),
      dense({ units: latentDim, weight: zeros() }),
    ],
  );
}

/**
 * Builds E(x), the predicted mean of z given x. Before a generator sees it, `latentSupport` projects it to where p(z) is.
 *
 * @param x - float32 [N, C, H, W], pixels in [0, 1]
 * @returns float32 [N, latentDim]
 */
export function encode(
  { latent, latentDim, exampleShape }: FixedGenerator,
  variables: Values,
  x: Value,
  pass: LayerContext = predictingPass,
): Value {
  const [width] = variables['encoder/dense1/bias']!.shape as [number];
  const network = encoderNetwork(exampleShape, latentDim, width);
  const rows = reshape(x, [x.shape[0]!, elementCount(exampleShape)]);
  const { y } = network.apply({ parameters: variables, state: {} }, rows, pass);
  return latentSupport(latent, latentDim).squash(y);
}

/**
 * Trains an encoder of a generator that stands still: "learned approximate inference can be performed by training an
 * auxiliary network to predict z given x", from endless pairs (z, G(z)), minimising `E ||z - E(G(z))||^2`. It never
 * sees the data. Its optimum is the mean of z given x: where many z give one image, between them.
 *
 * d - 1024 - 1024 - latentDim with leaky rectifiers, Adam at 0.0003 falling to 0 by half a cosine, minibatches of 128.
 *
 * @throws ConfigError where steps or width is no count; ExecutionError where training fails; what `signal` was aborted with
 * @see Goodfellow et al. 2014, section 7, point 2
 */
export async function trainEncoder(
  generator: FixedGenerator,
  {
    session,
    seed = ENCODER_DEFAULTS.seed,
    steps = ENCODER_DEFAULTS.steps,
    width = ENCODER_DEFAULTS.width,
    onProgress,
    signal,
  }: EncoderOptions,
): Promise<Encoder> {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new ConfigError(`trainEncoder: steps must be a count of at least 1, got ${steps}`);
  const { latent, latentDim, exampleShape } = generator;
  const { scale } = latentSupport(latent, latentDim);
  const { parameters } = encoderNetwork(exampleShape, latentDim, width).init(seed);
  const optimiser = adam({ learningRate: cosine({ from: LEARNING_RATE, to: 0, updates: steps }) });
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    updates: [
      {
        name: 'encoder',
        player: 'encoder',
        parameters: Object.keys(parameters),
        optimiser,
        updatesPerStep: 1,
        index: 0,
        objective: (variables) => {
          const z = latentFeed(feeds, 'encoder/latent', latent, BATCH, latentDim);
          const x = stopGradient(generator.generate(variables, z));
          const predicted = encode(generator, variables, x, trainingPass(feeds));
          const loss = mul(mean(square(sub(z, predicted))), 1 / scale ** 2);
          return { loss, metrics: { loss } };
        },
      },
    ],
  });
  const losses: number[] = [];
  const progress = trainSteps({
    step,
    variables: { ...generator.variables, ...parameters, ...optimiser.init(parameters) },
    session,
    minibatches: noData,
    steps,
    seed,
    signal,
  });
  for await (const { step: done, rows } of progress) {
    losses.push(...rows.map((row) => row['loss']!));
    onProgress?.(done, steps);
  }
  if (signal?.aborted) throw signal.reason;
  const last = losses.slice(-LAST);
  return {
    latentDim,
    exampleShape,
    seed,
    steps,
    latentError: last.reduce((total, loss) => total + loss, 0) / last.length,
    variables: await session.readState(Object.keys(parameters)),
  };
}

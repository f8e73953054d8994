import { ConfigError, ShapeError } from '../errors.ts';
import type { StepOf } from '../gan/step.ts';
import { square, sub } from '../graph/functions/elementwise.ts';
import { mean, sum } from '../graph/functions/reductions.ts';
import { formatShape, sameShape } from '../graph/shapes.ts';
import type { Tensor } from '../graph/tensor.ts';
import { adam } from '../optim/adam.ts';
import { cosine } from '../optim/schedules.ts';
import type { Session } from '../runtime/session.ts';
import { trainSteps } from '../train/train-steps.ts';
import type { FixedGenerator } from './fixed-generator.ts';
import { latentSupport } from './latent-support.ts';
import { noData } from './no-data.ts';

/** Of `searchLatent`, where none is given. */
export const SEARCH_STEPS = 300;
/** In units of the scale of p(z). */
const LEARNING_RATE = 0.1;

/** What `searchLatent` needs. */
export interface LatentSearchOptions {
  /** Where it runs; its state gets the generator's variables. */
  readonly session: Session;
  /** Images to be found, float32 [N, C, H, W], pixels in [0, 1]. */
  readonly images: Tensor<'float32'>;
  /** Where the search starts, float32 [N, latentDim]. */
  readonly start: Tensor<'float32'>;
  /** Iterations, at least 1. Default 300. */
  readonly steps?: number | undefined;
  readonly onProgress?: ((step: number, steps: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const [Z, TARGET] = ['search/z', 'search/images'];

/**
 * Searches the z of each image by descent on `||G(z) - x||^2`, the generator standing still: Adam at 0.1 of the scale of
 * p(z), falling to 0 by half a cosine. After every iteration z is brought back into the support of p(z), outside of which
 * a generator draws what it was never trained to. All images of one call are searched at once and independently.
 *
 * @returns float32 [N, latentDim]
 * @throws ShapeError where images and start do not fit the generator and each other; ConfigError where steps is no count;
 *   ExecutionError where the device fails; what `signal` was aborted with
 */
export async function searchLatent(
  generator: FixedGenerator,
  { session, images, start, steps = SEARCH_STEPS, onProgress, signal }: LatentSearchOptions,
): Promise<Tensor<'float32'>> {
  const { latent, latentDim, exampleShape } = generator;
  const count = images.shape[0] ?? 0;
  for (const [name, { shape }, wanted] of [
    ['images', images, [count, ...exampleShape]],
    ['start', start, [count, latentDim]],
  ] as const)
    if (!sameShape(shape, wanted))
      throw new ShapeError(
        `searchLatent: ${name} must be ${formatShape(wanted)} for ${count} images, got ${formatShape(shape)}`,
      );
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new ConfigError(`searchLatent: steps must be a count of at least 1, got ${steps}`);
  const { project, scale } = latentSupport(latent, latentDim);
  const learningRate = cosine({ from: LEARNING_RATE * scale, to: 0, updates: steps });
  const optimiser = adam({ learningRate });
  const step: StepOf = () => ({
    order: 'alternating',
    updates: [
      {
        name: 'search',
        player: 'search',
        parameters: [Z],
        optimiser,
        constraint: (parameters) => ({ [Z]: project(parameters[Z]!) }),
        updatesPerStep: 1,
        index: 0,
        objective: (variables) => {
          const difference = sub(generator.generate(variables, variables[Z]!), variables[TARGET]!);
          // A sum over images, so that none of them moves the others.
          const loss = sum(mean(square(difference), { axes: [1, 2, 3] }));
          return { loss, metrics: { loss } };
        },
      },
    ],
  });
  const parameters = { [Z]: start };
  const progress = trainSteps({
    step,
    variables: { ...generator.variables, [TARGET]: images, ...parameters, ...optimiser.init(parameters) },
    session,
    minibatches: noData,
    steps,
    seed: 0,
    signal,
  });
  for await (const { step: done } of progress) onProgress?.(done, steps);
  if (signal?.aborted) throw signal.reason;
  return (await session.readState([Z]))[Z] as Tensor<'float32'>;
}

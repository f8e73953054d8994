import type { ExampleSet } from '../data/dataset.ts';
import { minibatches } from '../data/minibatches.ts';
import type { StepOf } from '../gan/step.ts';
import { add, mul, square } from '../graph/functions/elementwise.ts';
import { sum } from '../graph/functions/reductions.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { shareRight } from '../learned/classifier.ts';
import { predictingPass, trainingPass } from '../learned/layer-context.ts';
import { labelledFeeds, predict, predictionProgram } from '../learned/prediction.ts';
import { softmaxCrossEntropy } from '../nn/cross-entropy.ts';
import type { LayerContext } from '../nn/layer.ts';
import { adam } from '../optim/adam.ts';
import { cosine } from '../optim/schedules.ts';
import type { Session } from '../runtime/session.ts';
import { trainSteps } from '../train/train-steps.ts';

/** A classifier to be trained and tested. */
export interface Probe {
  /** Initial parameters and state by name, float32. */
  readonly variables: Tensors;
  /** Names of what is trained. */
  readonly trainable: readonly string[];
  /** Names of the weights of the last layer, which are kept small. */
  readonly decayed: readonly string[];
  /** x float32 [N, d] to logits [N, C], and layer state that this pass changed. */
  classify(
    variables: Values,
    x: Value,
    pass: LayerContext,
  ): { readonly logits: Value; readonly state?: Values };
}

/** What a probe is trained and tested on. */
export interface ProbeOptions {
  readonly session: Session;
  readonly training: ExampleSet & { readonly labels: Uint8Array };
  readonly testing: ExampleSet & { readonly labels: Uint8Array };
  /** Of order and masks: uint32. */
  readonly seed: number;
  readonly steps: number;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 100;
const LEARNING_RATE = 0.002;
/** Weight of `||w||^2` over the last layer: what keeps a hundred labels from being learned by heart. */
const DECAY = 1e-3;

/** Iterations for so many labels: 15 passes over them, but at least 500 and at most 2,000. */
export function probeSteps(labels: number): number {
  return Math.min(Math.max(Math.round((15 * labels) / BATCH), 500), 2000);
}

/**
 * Trains a classifier with the same settings whatever it is: cross-entropy, Adam at 0.002 falling to 0 by half a cosine,
 * minibatches of 100, `0.001 ||w||^2` of the last layer. None of it is chosen by looking at test or validation labels.
 *
 * @returns share of test examples whose class it names, in [0, 1]
 * @throws ExecutionError where training fails; what `signal` was aborted with
 */
export async function probeAccuracy(
  { variables, trainable, decayed, classify }: Probe,
  { session, training, testing, seed, steps, signal }: ProbeOptions,
): Promise<number> {
  const trained = Object.fromEntries(trainable.map((name) => [name, variables[name]!]));
  const optimiser = adam({ learningRate: cosine({ from: LEARNING_RATE, to: 0, updates: steps }) });
  const dimension = training.examples.length / training.count;
  const batches = minibatches(
    { name: 'labelled examples', exampleShape: [dimension], train: training },
    { batch: Math.min(BATCH, training.count), seed },
  );
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    updates: [
      {
        name: 'probe',
        player: 'probe',
        parameters: trainable,
        optimiser,
        updatesPerStep: 1,
        index: 0,
        objective: (values) => {
          const { x, labels } = labelledFeeds(feeds, batches);
          const { logits, state = {} } = classify(values, x, trainingPass(feeds));
          const loss = softmaxCrossEntropy(logits, labels);
          const squares = decayed
            .map((name) => sum(square(values[name]!)))
            .reduce((total, value) => add(total, value));
          return { loss: add(loss, mul(squares, DECAY)), metrics: { loss }, state };
        },
      },
    ],
  });
  const progress = trainSteps({
    step,
    variables: { ...variables, ...optimiser.init(trained) },
    session,
    minibatches: batches,
    steps,
    seed,
    signal,
  });
  for await (const _ of progress);
  if (signal?.aborted) throw signal.reason;
  const program = predictionProgram({
    name: 'probe/test',
    dimension,
    variables,
    weights: 'state',
    build: (x, values) => ({ logits: classify(values, x, predictingPass).logits }),
  });
  await session.compile(program);
  const { logits: rows } = await predict(session, program.name, testing);
  return shareRight(rows!.data, testing.labels);
}

import type { ExampleSet, FiniteDataset } from '../data/dataset.ts';
import { minibatches } from '../data/minibatches.ts';
import { DataError } from '../errors.ts';
import type { StepOf } from '../gan/step.ts';
import type { Tensors } from '../graph/tensor.ts';
import { softmaxCrossEntropy } from '../nn/cross-entropy.ts';
import { adam } from '../optim/adam.ts';
import { cosine } from '../optim/schedules.ts';
import type { Session } from '../runtime/session.ts';
import { trainSteps } from '../train/train-steps.ts';
import { classifierNetwork, classifierProgram, isConvolutional } from './classifier-network.ts';
import { areAlike } from './example-set.ts';
import { trainingPass } from './layer-context.ts';
import { labelledFeeds, predict } from './prediction.ts';
import { shiftedMinibatches } from './shifted-minibatches.ts';
import { type Standardisation, standardisationOf } from './standardisation.ts';

/** Changes with whatever changes the features that come out: architecture, training, preparation of the data. */
export const CLASSIFIER_RECIPE = '3';

/** Of `trainClassifier`, where none is given. */
export const DEFAULT_CLASSIFIER_SEED = 1;

const BATCH = 256;
const LEARNING_RATE = 0.002;
const SHIFT = 2;
const EPOCHS = 16;
/** A small set is seen more often, a large one less: none takes more iterations than MNIST does. */
const [FEWEST_STEPS, MOST_STEPS] = [800, 3200];
/** A step with convolutions takes longer: with these a classifier of MNIST takes a minute on two cores, of CIFAR-10 two. */
const MOST_STEPS_CONVOLUTIONAL = { grey: 1000, colour: 1600 } as const;
/** Fewer examples than this teach nothing that could be measured with. */
const FEWEST_EXAMPLES = 100;

/** A network that was trained to tell the classes of a data set apart, and how well it does. */
export interface Classifier {
  /** Name of the data set. */
  readonly dataset: string;
  /** Fingerprint of the data set. */
  readonly fingerprint: string;
  readonly kind: FiniteDataset['kind'];
  /** `[C, H, W]` of images, `[d]` of points. */
  readonly exampleShape: readonly number[];
  readonly standardisation: Standardisation;
  /** Names of the classes in the order of their labels. */
  readonly classes: readonly string[];
  /** Share of held-out examples whose class it names, in [0, 1]. */
  readonly accuracy: number;
  /** The examples that the accuracy was measured on: none of them was trained on. */
  readonly heldOut: { readonly split: 'test' | 'validation' | 'train'; readonly count: number };
  readonly seed: number;
  /** Parameters by name, float32. */
  readonly variables: Tensors;
}

/** What `trainClassifier` needs besides the data. */
export interface ClassifierOptions {
  /** Where it is trained; its state gets the classifier's variables. */
  readonly session: Session;
  /** Of weights, order, shifts and masks: integer in [0, 2^32). Default 1. */
  readonly seed?: number;
  /** Iterations. Default 16 epochs, but at least 800, at most 3,200; with convolutions at most 1,000 on grey images, 1,600 on others. */
  readonly steps?: number;
  /** Told after every chunk, about twice a second: iterations so far, and of how many. */
  readonly onProgress?: ((step: number, steps: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains a classifier whose penultimate layer serves as features: `classifierNetwork`, dropout of 0.1, Adam at 0.002 falling
 * to 0 by half a cosine, minibatches of 256, images moved by up to 2 pixels either way. It is for measuring, not for records:
 * `zerosum evaluate` prints its accuracy, on MNIST's test images 99.0 % at seed 1.
 *
 * Its accuracy is measured on the test examples; without them on the validation examples, without these on the last
 * sixth of the training examples, which then are not trained on.
 *
 * @param dataset - with labels, at least 100 training examples
 * @throws DataError where there are no labels, only one class, too few examples, or all of them alike; ExecutionError
 *   where training fails; what `signal` was aborted with
 */
export async function trainClassifier(
  dataset: FiniteDataset,
  { session, seed = DEFAULT_CLASSIFIER_SEED, steps: asked, onProgress, signal }: ClassifierOptions,
): Promise<Classifier> {
  const { name, kind, exampleShape, fingerprint } = dataset;
  const { training, heldOut, split } = splits(dataset);
  const classes = classesOf(dataset, training);
  const standardisation = standardisationOf(kind, training);
  if (!standardisation || areAlike(training))
    throw new DataError(
      `trainClassifier: ${name} must have different examples, got ${training.count} that are all alike`,
    );
  const network = classifierNetwork(exampleShape, classes.length, standardisation);
  const parameters = network.init(seed);
  const batch = Math.min(BATCH, training.count);
  const epoch = Math.floor(training.count / batch);
  const steps = asked ?? Math.min(Math.max(EPOCHS * epoch, FEWEST_STEPS), mostStepsOf(exampleShape));
  const optimiser = adam({ learningRate: cosine({ from: LEARNING_RATE, to: 0, updates: steps }) });
  const batches = minibatches({ name, exampleShape, train: training }, { batch, seed });
  const step: StepOf = (feeds) => ({
    order: 'alternating',
    updates: [
      {
        name: 'classifier',
        player: 'classifier',
        parameters: Object.keys(parameters),
        optimiser,
        updatesPerStep: 1,
        index: 0,
        objective: (variables) => {
          const { x, labels } = labelledFeeds(feeds, batches);
          const loss = softmaxCrossEntropy(network.apply(variables, x, trainingPass(feeds)).logits, labels);
          return { loss, metrics: { loss } };
        },
      },
    ],
  });
  const progress = trainSteps({
    step,
    variables: { ...parameters, ...optimiser.init(parameters) },
    session,
    minibatches: kind === 'images' ? shiftedMinibatches(batches, SHIFT, seed) : batches,
    steps,
    seed,
    signal,
  });
  for await (const { step: done } of progress) onProgress?.(done, steps);
  if (signal?.aborted) throw signal.reason;
  const variables = await session.readState(Object.keys(parameters));
  const untested = {
    dataset: name,
    fingerprint,
    kind,
    exampleShape,
    standardisation,
    classes,
    accuracy: Number.NaN,
    heldOut: { split, count: heldOut.count },
    seed,
    variables,
  };
  const program = classifierProgram('classifier/test', network, variables);
  await session.compile(program);
  const { probabilities } = await predict(session, program.name, heldOut);
  return { ...untested, accuracy: shareRight(probabilities!.data, heldOut.labels!) };
}

function mostStepsOf(exampleShape: readonly number[]): number {
  if (!isConvolutional(exampleShape)) return MOST_STEPS;
  return MOST_STEPS_CONVOLUTIONAL[exampleShape[0] === 1 ? 'grey' : 'colour'];
}

interface Splits {
  readonly training: ExampleSet;
  readonly heldOut: ExampleSet;
  readonly split: Classifier['heldOut']['split'];
}

/** What is trained on and what the accuracy is measured on. */
function splits({ name, train, validation, test }: FiniteDataset): Splits {
  if (!train.labels)
    throw new DataError(
      `trainClassifier: ${name} must have labels, got none. Give features from a network of your own, an ONNX file`,
    );
  if (train.count < FEWEST_EXAMPLES)
    throw new DataError(
      `trainClassifier: ${name} must have at least ${FEWEST_EXAMPLES} training examples, got ${train.count}`,
    );
  if (test.labels && test.count > 0) return { training: train, heldOut: test, split: 'test' };
  if (validation.labels && validation.count > 0)
    return { training: train, heldOut: validation, split: 'validation' };
  const size = train.examples.length / train.count;
  const kept = train.count - Math.floor(train.count / 6);
  const part = (from: number, to: number): ExampleSet => ({
    count: to - from,
    examples: train.examples.subarray(from * size, to * size),
    labels: train.labels!.subarray(from, to),
  });
  return { training: part(0, kept), heldOut: part(kept, train.count), split: 'train' };
}

/** Names of the classes. @throws DataError where the labels name fewer than two, or one that the data set does not have */
function classesOf({ name, classes }: FiniteDataset, { labels, count }: ExampleSet): readonly string[] {
  const found = new Set(labels!);
  const largest = Math.max(...found);
  if (found.size < 2)
    throw new DataError(
      `trainClassifier: ${name} must have labels of at least 2 classes, got only class ${largest} in ${count} examples`,
    );
  if (classes && largest >= classes.length)
    throw new DataError(
      `trainClassifier: ${name} must have labels 0 ... ${classes.length - 1}, one for each of its classes, got ${largest}`,
    );
  return classes ?? Array.from({ length: largest + 1 }, (_, label) => String(label));
}

/** Share of rows, [N, C] in one array, whose largest entry stands at their label. */
export function shareRight(probabilities: Float32Array, labels: Uint8Array): number {
  const classes = probabilities.length / labels.length;
  let right = 0;
  for (const [i, label] of labels.entries()) {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    if (row.indexOf(Math.max(...row)) === label) right++;
  }
  return right / labels.length;
}

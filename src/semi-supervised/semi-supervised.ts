import type { ExampleSet, FiniteDataset } from '../data/dataset.ts';
import { DataError } from '../errors.ts';
import type { Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { type Estimate, estimate } from '../inference/inversion.ts';
import { predict, predictionProgram } from '../learned/prediction.ts';
import { standardisationOf, standardise } from '../learned/standardisation.ts';
import { dense } from '../nn/dense.ts';
import type { LayerContext } from '../nn/layer.ts';
import { sequential } from '../nn/sequential.ts';
import type { Session } from '../runtime/session.ts';
import type { DiscriminatorBody } from './discriminator-body.ts';
import { labelledSubset } from './labelled-subset.ts';
import { type Probe, probeAccuracy, probeSteps } from './probe.ts';

/** What is compared, in the order in which it is shown. */
export const methods = ['features', 'fineTuned', 'scratch', 'randomFeatures', 'pixels'] as const;
/**
 * `features`: a linear classifier on the features of all hidden layers of the trained D. `fineTuned`: D's layers with a new last one, all trained on
 * the labels. `scratch`: the same network from random weights. `randomFeatures`: a linear classifier on the features of D
 * before any training. `pixels`: a linear classifier on the examples themselves.
 */
export type Method = (typeof methods)[number];

/** One number of labels. */
export interface LabelledResult {
  readonly labels: number;
  /** Iterations of each classifier. */
  readonly steps: number;
  /** Share of test examples that are classified right: mean and standard error over seeds. */
  readonly accuracy: Readonly<Record<Method, Estimate>>;
}

/** What a discriminator's features are worth where labels are few. */
export interface SemiSupervised {
  readonly data: string;
  readonly classes: number;
  /** Examples that D was trained on without labels, and examples that the accuracies are of. */
  readonly unlabelled: number;
  readonly testing: number;
  /** Numbers in one feature vector. */
  readonly features: number;
  /** Which labels, initial weights and orders. */
  readonly seeds: readonly number[];
  readonly results: readonly LabelledResult[];
}

/** What `semiSupervised` needs besides D. */
export interface SemiSupervisedOptions {
  readonly session: Session;
  /** How many labels; `all` for every training example's. */
  readonly labels: readonly (number | 'all')[];
  /** Iterations of each classifier. Default: 15 passes over the labels, at least 500 and at most 2,000. */
  readonly steps?: number | undefined;
  /** At least one; five give a standard error that means something. */
  readonly seeds: readonly number[];
  readonly onProgress?: ((what: string, done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Labelled = ExampleSet & { readonly labels: Uint8Array };

/** Examples as a classifier sees them: as they are, or as features of a network. */
interface View {
  readonly kind: 'images' | 'points';
  /** Of examples without labels, what linear classifiers standardise by. */
  readonly unlabelled: ExampleSet;
  readonly test: Labelled;
  of(set: Labelled): Promise<Labelled>;
}

/** Examples enough for means and deviations. */
const STANDARDISED_BY = 5000;

/**
 * Classifiers on a discriminator that was trained without labels, beside the same network trained from scratch on the same
 * labels and beside what needs no training of D at all.
 *
 * @throws DataError where the data has no labels, no test examples, or too few of a class; ExecutionError where training
 *   fails; what `signal` was aborted with
 * @see Goodfellow et al. 2014, section 7, point 4
 */
export async function semiSupervised(
  body: DiscriminatorBody,
  dataset: FiniteDataset,
  { session, labels: asked, seeds, steps: given, onProgress, signal }: SemiSupervisedOptions,
): Promise<SemiSupervised> {
  const { name, train, test, kind } = dataset;
  if (!train.labels || !test.labels || test.count === 0)
    throw new DataError(
      `features: ${name} must have labelled training and test examples, got ${train.labels ? `${test.count} test examples` : 'no labels'}`,
    );
  const classes = dataset.classes?.length ?? Math.max(...train.labels) + 1;
  const raw: View = {
    kind,
    unlabelled: firstOf(train, STANDARDISED_BY),
    test: test as Labelled,
    of: async (set) => set,
  };
  const trained = await featureView(raw, body, body.trained, 'trained', session);
  const results: LabelledResult[] = [];
  const amounts = [...new Set(asked.map((n) => (n === 'all' ? train.count : Math.min(n, train.count))))];
  let done = 0;
  for (const count of amounts) {
    const found: Record<Method, number[]> = {
      features: [],
      fineTuned: [],
      scratch: [],
      randomFeatures: [],
      pixels: [],
    };
    const steps = given ?? probeSteps(count);
    for (const seed of seeds) {
      const random = await featureView(raw, body, body.init(seed), 'untrained', session);
      const chosen = labelledSubset(train, { name, classes, count, seed });
      for (const method of methods) {
        onProgress?.(`${count} labels, seed ${seed}: ${method}`, done++, amounts.length * seeds.length * 5);
        const view = method === 'features' ? trained : method === 'randomFeatures' ? random : raw;
        const probe =
          method === 'fineTuned' || method === 'scratch'
            ? networkProbe(body, method === 'scratch' ? body.init(seed) : body.trained, classes, seed)
            : linearProbe(view, classes, seed);
        const options = { session, training: await view.of(chosen), testing: view.test, seed, steps, signal };
        found[method].push(await probeAccuracy(probe, options));
      }
    }
    const accuracy = Object.fromEntries(
      methods.map((method) => [method, estimate(found[method])]),
    ) as LabelledResult['accuracy'];
    results.push({ labels: count, steps, accuracy });
  }
  return {
    data: name,
    classes,
    unlabelled: train.count,
    testing: test.count,
    features: body.sizes.hidden,
    seeds,
    results,
  };
}

/** Features of all hidden layers, float32 [n, features]. */
async function featureView(
  { unlabelled, test }: View,
  body: DiscriminatorBody,
  variables: Tensors,
  name: string,
  session: Session,
): Promise<View> {
  const program = predictionProgram({
    name: `semiSupervised/${name}`,
    dimension: test.examples.length / test.count,
    variables,
    weights: 'constants',
    build: (x, values) => ({ features: body.hidden(values, x) }),
  });
  await session.compile(program);
  const extract = async ({ count, examples }: ExampleSet): Promise<ExampleSet> => ({
    count,
    examples: (await predict(session, program.name, { count, examples }))['features']!.data,
  });
  const withLabels = async (set: Labelled): Promise<Labelled> => ({
    ...(await extract(set)),
    labels: set.labels,
  });
  return {
    kind: 'points',
    unlabelled: await extract(unlabelled),
    test: await withLabels(test),
    of: withLabels,
  };
}

function firstOf({ count, examples }: ExampleSet, most: number): ExampleSet {
  const kept = Math.min(count, most);
  return { count: kept, examples: examples.subarray(0, (kept * examples.length) / count) };
}

const HEAD = 'probe';

function headNetwork(inputs: number, classes: number) {
  return sequential(HEAD, [inputs], [dense({ units: classes })]);
}

const decayed = [`${HEAD}/dense1/weight`];

/** A linear classifier on standardised inputs. */
function linearProbe({ kind, unlabelled }: View, classes: number, seed: number): Probe {
  const standardisation = standardisationOf(kind, unlabelled) ?? { mean: [0], deviation: [1] };
  const head = headNetwork(unlabelled.examples.length / unlabelled.count, classes);
  const { parameters } = head.init(seed);
  return {
    variables: parameters,
    trainable: Object.keys(parameters),
    decayed,
    classify: (values: Values, x: Value, pass: LayerContext) => ({
      logits: head.apply({ parameters: values, state: {} }, standardise(x, standardisation), pass).y,
    }),
  };
}

/** D's layers with a new last one, all of them trained. */
function networkProbe(body: DiscriminatorBody, variables: Tensors, classes: number, seed: number): Probe {
  const head = headNetwork(body.sizes.last, classes);
  const { parameters } = head.init(seed);
  return {
    variables: { ...variables, ...parameters },
    trainable: [...body.parameters, ...Object.keys(parameters)],
    decayed,
    classify: (values, x, pass) => {
      const { features, state } = body.last(values, x, pass);
      return { logits: head.apply({ parameters: values, state: {} }, features, pass).y, state };
    },
  };
}

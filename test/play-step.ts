import { buildStep, type Step } from '../src/gan/step.ts';
import { Feeds } from '../src/graph/feeds.ts';
import { simplify } from '../src/graph/simplify.ts';
import type { Tensors } from '../src/graph/tensor.ts';
import { input, type Values } from '../src/graph/value.ts';
import { compileGraph } from './run-graph.ts';
import { float32 } from './tensors.ts';

/** Graph inputs for tensors, under their names. */
export function inputsFor(tensors: Tensors): Values {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
}

/** What one iteration left. */
export interface PlayedStep {
  readonly metrics: Readonly<Record<string, number>>;
  readonly gradientNorms: Readonly<Record<string, number>>;
  readonly finite: boolean;
  readonly variables: Tensors;
}

/** How a step is run. */
export interface PlayOptions {
  /** Default true, as in training. */
  readonly isSimplified?: boolean;
  /** For schedules. Default: one endless epoch. */
  readonly stepsPerEpoch?: number;
}

/**
 * Runs iterations of a step in ONNX Runtime, one run each.
 *
 * @param iterations - the feeds of each iteration, all but the scheduled scalars, which are computed here
 */
export async function playSteps(
  build: (feeds: Feeds) => Step,
  initial: Tensors,
  iterations: readonly Tensors[],
  { isSimplified = true, stepsPerEpoch = Number.POSITIVE_INFINITY }: PlayOptions = {},
): Promise<PlayedStep[]> {
  const feeds = new Feeds();
  const { variables, metrics, gradientNorms, finite } = buildStep(build(feeds), inputsFor(initial), feeds);
  const outputs = {
    ...named('next', variables),
    ...named('metric', metrics),
    ...named('norm', gradientNorms),
    finite,
  };
  const graph = await compileGraph(isSimplified ? simplify(outputs) : outputs);
  const played: PlayedStep[] = [];
  try {
    let current = initial;
    for (const [step, fed] of iterations.entries()) {
      const time = { step, epoch: Math.floor(step / stepsPerEpoch) };
      const scalars = feeds.list.flatMap(({ name, recipe }) =>
        recipe.kind === 'scalar' ? [[name, float32([], [recipe.at(time)])]] : [],
      );
      const results = await graph.run({ ...current, ...fed, ...Object.fromEntries(scalars) });
      current = { ...current, ...unnamed('next', results) };
      played.push({
        metrics: numbers(unnamed('metric', results)),
        gradientNorms: numbers(unnamed('norm', results)),
        finite: results['finite']!.data[0] === 1,
        variables: current,
      });
    }
  } finally {
    await graph.release();
  }
  return played;
}

function named(kind: string, values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind} ${name}`, value]));
}

function unnamed(kind: string, tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${kind} `) ? [[name.slice(kind.length + 1), tensor]] : [],
    ),
  );
}

const numbers = (tensors: Tensors): Record<string, number> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, Number(data[0])]));

import type { Game } from '../gan/game.ts';
import { samplesOf } from '../gan/samples.ts';
import { buildStep, type StepGraph, type StepOf } from '../gan/step.ts';
import { type Feed, Feeds } from '../graph/feeds.ts';
import { loop } from '../graph/functions/loop.ts';
import { gather, stack } from '../graph/functions/shaping.ts';
import { encodeModel, type Model } from '../graph/onnx/encode.ts';
import { type PassName, simplify } from '../graph/simplify.ts';
import type { Tensor } from '../graph/tensor.ts';
import { input, type Value, type Values } from '../graph/value.ts';
import type { CarriedState, Program } from '../runtime/session.ts';

/** What a graph has to know of variables: their values may be elsewhere, and may take gigabytes. */
export type VariableTypes = Readonly<Record<string, Pick<Tensor, 'dtype' | 'shape'>>>;

/** A program, what it needs from the host, and the graph behind it for explaining errors. */
export interface TrainingProgram extends Program {
  readonly graph: Model;
  /** What one iteration is fed with. */
  readonly feeds: readonly Feed[];
  /** Names of the columns of the `metrics` output. */
  readonly metrics: readonly string[];
}

/** How a chunk's program is called and simplified. */
export interface ChunkOptions {
  /** In the session; default `chunk`. */
  readonly name?: string;
  /** How the graph is simplified; default: by all passes. */
  readonly passes?: readonly PassName[] | undefined;
}

/** The input that tells a chunk how many iterations to run, int64 []. */
export const ITERATIONS = 'iterations';

const NEXT = 'next/';

function inputsFor(variables: VariableTypes): Values {
  return Object.fromEntries(
    Object.entries(variables).map(([name, { dtype, shape }]) => [name, input(name, dtype, shape)]),
  );
}

/**
 * Many iterations in one run, as an ONNX `Loop` (CPU and WebAssembly). Feeds are `[T, ...]`, one row an iteration;
 * outputs are `metrics` float32 [T, m] and `finite` bool [T]. The loop ends early after an iteration that is not finite.
 *
 * @param stepOf - one iteration; called twice, since what it changes is only known once it was built
 * @param variables - the types of the variables
 */
export function chunkProgram(
  stepOf: StepOf,
  variables: VariableTypes,
  { name = 'chunk', passes }: ChunkOptions = {},
): TrainingProgram {
  const before = inputsFor(variables);
  // Which variables an iteration writes is only known once it is built: the rest must not be carried through the loop.
  const written = Object.entries(buildStep(stepOf(new Feeds()), before, new Feeds()).variables);
  const carried = Object.fromEntries(
    written.filter(([key, value]) => value !== before[key]).map(([key]) => [key, before[key]!]),
  );
  let feeds: readonly Feed[] = [];
  let metrics: readonly string[] = [];
  const result = loop(input(ITERATIONS, 'int64', []), carried, (iteration, current) => {
    const declared = new Feeds((feed, dtype, shape) =>
      gather(input(feed, dtype, ['T', ...shape]), iteration),
    );
    const step = buildStep(stepOf(declared), { ...before, ...current }, declared);
    feeds = declared.list;
    metrics = Object.keys(step.metrics);
    return {
      state: Object.fromEntries(Object.keys(carried).map((key) => [key, step.variables[key]!])),
      scans: { metrics: stack(Object.values(step.metrics)), finite: step.finite },
      continueWhile: step.finite,
    };
  });
  return program(
    name,
    before,
    result.state,
    { metrics: result.scans['metrics']!, finite: result.scans['finite']! },
    feeds,
    metrics,
    passes,
  );
}

/**
 * One iteration in one run, with the norms of the parameter gradients besides: for every 50th step, for devices without
 * `Loop`, and for finding the first quantity that is not finite. Outputs `metrics` float32 [m] and `finite` bool [].
 *
 * @param name - in the session; default `measured`
 */
export function measuredProgram(
  stepOf: StepOf,
  variables: VariableTypes,
  name = 'measured',
): TrainingProgram {
  const before = inputsFor(variables);
  const feeds = new Feeds();
  const step: StepGraph = buildStep(stepOf(feeds), before, feeds);
  const metrics = { ...step.metrics, ...step.gradientNorms };
  const written = Object.fromEntries(
    Object.entries(step.variables).filter(([name, value]) => value !== before[name]),
  );
  const outputs = { metrics: stack(Object.values(metrics)), finite: step.finite };
  return program(name, before, written, outputs, feeds.list, Object.keys(metrics));
}

/**
 * Samples from latent vectors: feed `z` float32 [N, latentDim], in games with labels also `labels` int64 [N]; output
 * `samples` float32 [N, ...].
 */
export function sampleProgram(game: Game, variables: VariableTypes, averaged: boolean): Program {
  const z = input('z', 'float32', ['N', game.generator.network.inputShape[0]!]);
  const classes = game.labels && input('labels', 'int64', ['N']);
  const samples = samplesOf(game, inputsFor(variables), z, averaged, classes);
  const graph = encodeModel({ name: 'sample', outputs: simplify({ samples }) });
  const carried = graph.inputs
    .filter(({ name }) => name in variables)
    .map(({ name }) => ({ name, input: name }));
  return { name: 'sample', model: graph.bytes, carried };
}

/** @param before - inputs for all variables */
function program(
  name: string,
  before: Values,
  written: Values,
  outputs: Readonly<Record<string, Value>>,
  feeds: readonly Feed[],
  metrics: readonly string[],
  passes?: readonly PassName[],
): TrainingProgram {
  const next = Object.fromEntries(
    Object.entries(written).map(([variable, value]) => [NEXT + variable, value]),
  );
  // What is written and never read, such as a singular vector, is carried too: its input is what the session knows it by.
  const graph = encodeModel({
    name,
    outputs: simplify({ ...next, ...outputs }, passes),
    alsoInputs: Object.keys(written).map((key) => before[key]!),
  });
  const fed = new Set([ITERATIONS, ...feeds.map((feed) => feed.name)]);
  const carried = graph.inputs
    .filter((value) => !fed.has(value.name))
    .map(
      (value): CarriedState => ({
        name: value.name,
        input: value.name,
        ...(value.name in written ? { output: NEXT + value.name } : {}),
      }),
    );
  return { name, model: graph.bytes, carried, graph, feeds, metrics };
}

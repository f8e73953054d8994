import type { StepOf } from '../gan/step.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { input } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import type { Network } from '../nn/sequential.ts';
import type { Session } from '../runtime/session.ts';
import { iterationCount, iterationsThatFit, type Metrics, rowsOf, runExplained } from '../train/chunk.ts';
import { type FeedSources, fillFeeds } from '../train/feeder.ts';
import { chunkProgram, type TrainingProgram } from '../train/programs.ts';

/** Several ways of training the same variables, taken up and left at will: D alone, G alone, both. */
export interface Phases<Name extends string> {
  /** Trains on; each phase counts its own iterations. Returns a row of metrics an iteration. */
  run(phase: Name, iterations: number): Promise<readonly Metrics[]>;
  /** Copies of all variables, as they are now. */
  variables(): Promise<Tensors>;
  /** Puts other tensors in place of some variables. */
  write(variables: Tensors): Promise<void>;
}

/**
 * Opens training that is cut into phases, as the paper's figure and its inner loop are: what `train` does in one order, step by
 * step under the caller's control.
 *
 * @param steps - one iteration of each phase
 * @param variables - of all phases together, as they start; the session's state from now on
 */
export async function openPhases<Name extends string>(
  session: Session,
  steps: Readonly<Record<Name, StepOf>>,
  variables: Tensors,
  sources: FeedSources,
): Promise<Phases<Name>> {
  const programs = new Map<string, TrainingProgram>();
  const done = new Map<string, number>();
  for (const [phase, step] of Object.entries<StepOf>(steps)) {
    const program = chunkProgram(step, variables, { name: `phase/${phase}` });
    const { name, model, carried } = program;
    await session.compile({ name, model, carried });
    programs.set(phase, program);
  }
  await session.writeState(
    Object.fromEntries(
      Object.entries(variables).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
    ),
  );
  return {
    async run(phase, iterations) {
      const program = programs.get(phase)!;
      const rows: Metrics[] = [];
      const most = Math.min(iterationsThatFit(program), 500);
      while (rows.length < iterations) {
        const first = done.get(phase) ?? 0;
        const count = Math.min(most, iterations - rows.length);
        const feeds = await fillFeeds(program.feeds, sources, first, count);
        const outputs = await runExplained(session, program, { ...feeds, ...iterationCount(count) });
        rows.push(...rowsOf(program.metrics, outputs['metrics'] as Tensor<'float32'>, first));
        done.set(phase, first + count);
      }
      return rows;
    },
    variables: () => session.readState(Object.keys(variables)),
    write: (changed) => session.writeState(changed),
  };
}

/** A pass through layers that are functions of their input alone. */
export const plainPass: LayerContext = {
  mode: 'sample',
  bernoulli: (name) => {
    throw new Error(`plainPass: networks of the theory have no random layers, got the mask ${name}`);
  },
};

/**
 * What a network gives for points, with the session's own variables or with given ones.
 *
 * @param points - float32 [N, d]
 * @returns float32 [N, outputs], as numbers
 */
export async function networkValues(
  session: Session,
  network: Network,
  points: Tensor<'float32'>,
): Promise<Float32Array<ArrayBuffer>> {
  const name = `values/${network.name}`;
  const parameters = Object.fromEntries(
    Object.entries(network.parameterShapes).map(([key, shape]) => [key, input(key, 'float32', shape)]),
  );
  const x = input('x', 'float32', ['N', ...network.inputShape]);
  const { y } = network.apply({ parameters, state: {} }, x, plainPass);
  const { bytes } = encodeModel({ name, outputs: simplify({ y }) });
  const carried = Object.keys(parameters).map((key) => ({ name: key, input: key }));
  await session.compile({ name, model: bytes, carried });
  // The session takes over what it is fed with.
  const { y: values } = await session.run(name, { x: { ...points, data: points.data.slice() } });
  return (values as Tensor<'float32'>).data;
}

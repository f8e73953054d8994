import { ShapeError } from '../errors.ts';
import { toNetworkRange } from '../gan/example-format.ts';
import type { Game } from '../gan/game.ts';
import { sigmoid } from '../graph/functions/elementwise.ts';
import { reshape, slice } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import { elementCount, type Tensor, type Tensors } from '../graph/tensor.ts';
import { constant, input, type Value } from '../graph/value.ts';
import type { LayerContext } from '../nn/layer.ts';
import { oneHot } from '../nn/one-hot.ts';
import type { Network } from '../nn/sequential.ts';
import type { Session } from '../runtime/session.ts';
import { settleSamples } from './table-samples.ts';

/** A pass of a trained network outside of training: a function of its input alone. */
function pass(
  {
    network,
    variables,
    x,
    classes,
  }: { network: Network; variables: Tensors; x: Value; classes: Value | undefined },
  { labels }: Game,
): Value {
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, constant(variables[name]!, name)]));
  const trained = {
    parameters: named(Object.keys(network.parameterShapes)),
    state: named(Object.keys(network.stateShapes)),
  };
  const context: LayerContext = {
    mode: 'sample',
    ...(labels && classes ? { labels: oneHot(classes, labels.classes) } : {}),
    bernoulli: (name) => {
      throw new ShapeError(`discriminator: D must be a function of x when it judges, got the mask ${name}`);
    },
  };
  return network.apply(trained, x, context).y;
}

/**
 * Compiles a program, runs it once and returns its one output.
 *
 * @param feeds - taken over by the session; those that the graph has no use for are left out
 */
async function runOnce(session: Session, name: string, y: Value, feeds: Tensors): Promise<Tensor<'float32'>> {
  const model = encodeModel({ name, outputs: simplify({ y }) }).bytes;
  const { inputs } = await session.compile({ name, model, carried: [] });
  const taken = inputs.map((spec) => [spec.name, feeds[spec.name]!] as const);
  return (await session.run(name, Object.fromEntries(taken)))['y'] as Tensor<'float32'>;
}

/**
 * What a trained discriminator says of points: D(x), the probability that they are real.
 *
 * @param variables - of the game, as a checkpoint holds them
 * @param points - float32 [N, d], in the data's units
 * @returns float32 [N], in [0, 1]
 * @throws ShapeError where the game is one of images, or a layer of D is random outside of training
 */
export async function discriminatorAt(
  game: Game,
  variables: Tensors,
  points: Tensor<'float32'>,
  session: Session,
): Promise<Float32Array<ArrayBuffer>> {
  const { network } = game.discriminator;
  if (game.examples.range !== 'data')
    throw new ShapeError('discriminatorAt: the game must be one of points, got one of images');
  const x = input('x', 'float32', ['N', ...network.inputShape]);
  const y = pass({ network, variables, x, classes: undefined }, game);
  const feeds = { x: { ...points, data: points.data.slice() } };
  return (await runOnce(session, 'discriminator', sigmoid(reshape(y, ['N'])), feeds)).data;
}

/** What is judged: as many real examples as vectors z, in the order in which D gets to see them. */
export interface JudgedExamples {
  /** [N, ...example] as the data set stores them. N is a multiple of the game's `pack`. */
  readonly real: Tensor<'uint8'> | Tensor<'float32'>;
  /** float32 [N, latentDim] */
  readonly z: Tensor<'float32'>;
  /** In games with labels: the class of each real example and of each sample, int64 [N]. */
  readonly labels?: { readonly real: Tensor<'int64'>; readonly fake: Tensor<'int64'> };
  /** Of the categories of a table's samples. */
  readonly seed: number;
}

/**
 * D's logits on real examples and on samples, as both networks stand in training: G by its own weights, not by their average,
 * D without augmentation, noise and dropout, and with running statistics where training takes the batch's.
 *
 * @param variables - of the game, as a checkpoint holds them
 * @returns float32 [N / pack] each: log-odds that they are real, or what a critic says
 */
export async function discriminatorLogits(
  game: Game,
  variables: Tensors,
  { real, z, labels, seed }: JudgedExamples,
  session: Session,
): Promise<{ readonly real: Float32Array; readonly fake: Float32Array }> {
  const { generator, discriminator, examples, pack = 1 } = game;
  const count = real.shape[0]!;
  const width = elementCount(discriminator.network.outputShape);
  const classes = labels && input('labels', 'int64', [count]);
  const latent = input('z', 'float32', [...z.shape]);
  const fed = input('x', 'float32', [count, ...examples.shape]);
  const stored = input('x', real.dtype, [count, ...examples.shape]);
  const judged = (x: Value): Value => {
    const seen = reshape(x, [count / pack, ...discriminator.network.inputShape]);
    const y = pass({ network: discriminator.network, variables, x: seen, classes }, game);
    // What an auxiliary classifier says stands behind.
    return slice(reshape(y, [count / pack, width]), 1, 0, 1);
  };
  const made = pass({ network: generator.network, variables, x: latent, classes }, game);
  const classesOf = (whose: 'real' | 'fake'): Tensors =>
    labels ? { labels: { ...labels[whose], data: labels[whose].data.slice() } } : {};
  const produced = await runOnce(session, 'judged/samples', made, { z, ...classesOf('fake') });
  const samples = { ...produced, shape: [count, ...examples.shape] };
  const x = settleSamples(game, samples, seed, 'sample/categories');
  const fake = await runOnce(session, 'judged/fake', judged(fed), { x, ...classesOf('fake') });
  const seen = judged(toNetworkRange(stored, examples));
  const said = await runOnce(session, 'judged/real', seen, { x: real, ...classesOf('real') });
  return { real: said.data, fake: fake.data };
}

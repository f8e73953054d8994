import { ShapeError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import { sigmoid } from '../graph/functions/elementwise.ts';
import { reshape } from '../graph/functions/shaping.ts';
import { encodeModel } from '../graph/onnx/encode.ts';
import { simplify } from '../graph/simplify.ts';
import type { Tensor, Tensors } from '../graph/tensor.ts';
import { constant, input } from '../graph/value.ts';
import type { Session } from '../runtime/session.ts';

/**
 * What a trained discriminator says of points: D(x), the probability that they are real.
 *
 * @param variables - of the game, as a checkpoint holds them
 * @param points - float32 [N, d], in the data's units
 * @returns float32 [N], in [0, 1]
 * @throws ShapeError where the game is one of images, or a layer of D is random outside of training
 */
export async function discriminatorAt(
  { discriminator: { network }, examples }: Game,
  variables: Tensors,
  points: Tensor<'float32'>,
  session: Session,
): Promise<Float32Array<ArrayBuffer>> {
  if (examples.range !== 'data')
    throw new ShapeError('discriminatorAt: the game must be one of points, got one of images');
  const named = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, constant(variables[name]!, name)]));
  const trained = {
    parameters: named(Object.keys(network.parameterShapes)),
    state: named(Object.keys(network.stateShapes)),
  };
  const x = input('x', 'float32', ['N', ...network.inputShape]);
  const { y } = network.apply(trained, x, {
    mode: 'sample',
    bernoulli: (name) => {
      throw new ShapeError(`discriminatorAt: D must be a function of x when it judges, got the mask ${name}`);
    },
  });
  const outputs = simplify({ probabilities: sigmoid(reshape(y, ['N'])) });
  const name = 'discriminator';
  await session.compile({ name, model: encodeModel({ name, outputs }).bytes, carried: [] });
  // The session takes over what it is fed with.
  const { probabilities } = await session.run(name, { x: { ...points, data: points.data.slice() } });
  return (probabilities as Tensor<'float32'>).data;
}

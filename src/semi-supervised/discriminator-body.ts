import { ConfigError } from '../errors.ts';
import { type ExampleFormat, toNetworkRange } from '../gan/example-format.ts';
import type { Game } from '../gan/game.ts';
import { averagePool } from '../graph/functions/pooling.ts';
import { concat, reshape } from '../graph/functions/shaping.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { predictingPass } from '../learned/layer-context.ts';
import type { LayerContext } from '../nn/layer.ts';
import { sequential } from '../nn/sequential.ts';

/** A discriminator without its decision: what a classifier can stand on. */
export interface DiscriminatorBody {
  /** Numbers in what the last layer decides by, and in all hidden layers together. */
  readonly sizes: { readonly last: number; readonly hidden: number };
  /** Names of what is trained in it. */
  readonly parameters: readonly string[];
  /** Trained parameters and state, by name, float32. */
  readonly trained: Tensors;
  /** The same before any training. @param seed - integer in [0, 2^32) */
  init(seed: number): Tensors;
  /**
   * Builds one pass up to what the last layer decides by.
   *
   * @param x - float32 [N, d], pixels in [0, 1], points in the data's units
   * @returns features float32 [N, sizes.last]; in training also the layer state that the pass changed
   */
  last(variables: Values, x: Value, pass: LayerContext): { readonly features: Value; readonly state: Values };
  /**
   * Builds the features of all hidden layers side by side, [N, sizes.hidden]; images in between are averaged down to about
   * 4 x 4 places first.
   */
  hidden(variables: Values, x: Value): Value;
}

/** Height and width that images between layers are averaged down to. */
const PLACES = 4;

/**
 * The discriminator of a game up to its last layer with parameters. Features of all hidden layers, not of the last alone,
 * are what Radford et al. 2016 classify by (with the largest instead of the average).
 *
 * @param variables - of the game, as a checkpoint holds them
 * @throws ConfigError where D was trained with labels, decides on several examples together, or has no layer before the
 *   last
 * @see Radford, Metz and Chintala 2016, section 5.1, https://arxiv.org/abs/1511.06434
 */
export function discriminatorBody(game: Game, variables: Tensors): DiscriminatorBody {
  const { network: whole } = game.discriminator;
  const { pack = 1, examples, labels } = game;
  if (labels)
    throw new ConfigError(
      `features: D must have been trained without labels, got one that was told ${labels.classes} classes`,
    );
  if (pack !== 1)
    throw new ConfigError(`features: D must decide on one example at a time, got a game with pack ${pack}`);
  const weighted = whole.layers.flatMap(({ layer, inputShape }, i) =>
    Object.keys(layer.parameterShapes(inputShape)).length > 0 ? [i] : [],
  );
  // What enters each layer of weights but the first, which sees the example itself.
  const stretches = weighted.slice(1).map((end) =>
    sequential(
      whole.name,
      whole.inputShape,
      whole.layers.slice(0, end).map(({ layer }) => layer),
    ),
  );
  const network = stretches.at(-1);
  if (!network)
    throw new ConfigError(
      `features: D must have a layer of weights before its last, got ${whole.layers.map(({ name }) => name).join(', ')}`,
    );
  // Fed as floats, whatever the data is at rest.
  const format: ExampleFormat = { ...examples, dtype: 'float32' };
  const asTaken = (x: Value): Value => {
    const n = x.shape[0]!;
    const seen = toNetworkRange(reshape(x, [n, ...examples.shape]), format);
    return reshape(seen, [n, ...whole.inputShape]);
  };
  const rows = (y: Value): Value => reshape(y, [y.shape[0]!, elementCount(y.shape.slice(1).map(Number))]);
  const own = [...Object.keys(network.parameterShapes), ...Object.keys(network.stateShapes)];
  return {
    sizes: {
      last: elementCount(network.outputShape),
      hidden: stretches.reduce((total, { outputShape }) => total + elementCount(pooledShape(outputShape)), 0),
    },
    parameters: Object.keys(network.parameterShapes),
    trained: Object.fromEntries(own.map((name) => [name, variables[name]!])),
    init: (seed) => {
      const { parameters, state } = network.init(seed);
      return { ...parameters, ...state };
    },
    last: (values, x, pass) => {
      const moved = pass.mode === 'train' ? network.beforeUpdate({ parameters: values, state: values }) : {};
      const { y, state } = network.apply(
        { parameters: values, state: { ...values, ...moved } },
        asTaken(x),
        pass,
      );
      return { features: rows(y), state: { ...moved, ...state } };
    },
    hidden: (values, x) => {
      const taken = asTaken(x);
      const activations = stretches.map(
        (stretch) => stretch.apply({ parameters: values, state: values }, taken, predictingPass).y,
      );
      return concat(
        activations.map((y) => rows(pooled(y))),
        1,
      );
    },
  };
}

/** How many pixels of a side are averaged into one. */
const poolOf = (side: number): number => Math.max(1, Math.floor(side / PLACES));

function pooledShape(shape: readonly number[]): readonly number[] {
  const [channels, height, width] = shape;
  if (shape.length !== 3) return shape;
  return [channels!, ...[height!, width!].map((side) => Math.floor(side / poolOf(side)))];
}

function pooled(y: Value): Value {
  if (y.shape.length !== 4) return y;
  const [height, width] = y.shape.slice(2).map(Number) as [number, number];
  const size = [poolOf(height), poolOf(width)] as const;
  return size[0] === 1 && size[1] === 1 ? y : averagePool(y, { size });
}

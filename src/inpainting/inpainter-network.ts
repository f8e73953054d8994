import { add, mul, sub } from '../graph/functions/elementwise.ts';
import { concat, expand, reshape } from '../graph/functions/shaping.ts';
import { elementCount, type Tensors } from '../graph/tensor.ts';
import type { Value, Values } from '../graph/value.ts';
import { leakyRelu, relu, sigmoid } from '../nn/activations.ts';
import { dense } from '../nn/dense.ts';
import { he } from '../nn/initialisers.ts';
import type { LayerContext } from '../nn/layer.ts';
import { type Network, sequential } from '../nn/sequential.ts';

/** Numbers in z: what the completions of one image differ by. */
export const INPAINTING_LATENT_DIM = 64;

const [PAINTER_WIDTH, JUDGE_WIDTH] = [640, 512];

/** The three networks of inpainting: the players of the game, and what both are compared with. */
export interface InpainterNetworks {
  readonly exampleShape: readonly [number, number, number];
  /** Initial parameters of all three by name, float32. @param seed - integer in [0, 2^32) */
  init(seed: number): {
    readonly completer: Tensors;
    readonly discriminator: Tensors;
    readonly meanPredictor: Tensors;
  };
  /**
   * Completes images: known pixels stay as they are, hidden ones are drawn.
   *
   * @param z - float32 [N, latentDim]
   * @param x - float32 [N, C, H, W], pixels in [0, 1]; those that are hidden are not looked at
   * @param known - float32 [N, 1, H, W]: 1 known, 0 hidden
   * @returns float32 [N, C, H, W]
   */
  complete(variables: Values, z: Value, x: Value, known: Value, pass: LayerContext): Value;
  /** The same without z, by the network that predicts the mean: one completion an image. */
  predictMean(variables: Values, x: Value, known: Value, pass: LayerContext): Value;
  /** Logits [N, 1] of whole images beside what was known of them. @param x - float32 [N, C, H, W] */
  discriminate(variables: Values, x: Value, known: Value, pass: LayerContext): Value;
}

/**
 * Fully connected networks: z, known pixels and mask to 640 - 640 - pixels with rectifiers and a sigmoid; image and mask to
 * 512 - 512 - 1 with leaky rectifiers. The mean predictor has the completer's layers without z.
 */
export function inpainterNetworks(exampleShape: readonly [number, number, number]): InpainterNetworks {
  const [channels, height, width] = exampleShape;
  const size = elementCount(exampleShape);
  const seen = size + height * width;
  const weight = he();
  const painter = (name: string, inputs: number): Network =>
    sequential(
      name,
      [inputs],
      [
        dense({ units: PAINTER_WIDTH, weight }),
        relu(),
        dense({ units: PAINTER_WIDTH, weight }),
        relu(),
        dense({ units: size }),
        sigmoid(),
      ],
    );
  const completer = painter('completer', INPAINTING_LATENT_DIM + seen);
  const meanPredictor = painter('meanPredictor', seen);
  const discriminator = sequential(
    'discriminator',
    [seen],
    [
      dense({ units: JUDGE_WIDTH, weight }),
      leakyRelu(),
      dense({ units: JUDGE_WIDTH, weight }),
      leakyRelu(),
      dense({ units: 1 }),
    ],
  );

  const rows = (value: Value, columns: number): Value => reshape(value, [value.shape[0]!, columns]);
  /** Pixels in [-1, 1], 0 where hidden, and the mask. */
  const inputs = (x: Value, known: Value): Value[] => [
    rows(mul(sub(mul(x, 2), 1), known), size),
    rows(known, height * width),
  ];
  const apply = (network: Network, variables: Values, x: Value, pass: LayerContext): Value =>
    network.apply({ parameters: variables, state: variables }, x, pass).y;
  const kept = (x: Value, known: Value, painted: Value): Value => {
    const whole = reshape(painted, [x.shape[0]!, ...exampleShape]);
    const mask = channels === 1 ? known : expand(known, [x.shape[0]!, ...exampleShape]);
    return add(mul(x, mask), mul(whole, sub(1, mask)));
  };
  return {
    exampleShape,
    init: (seed) => ({
      completer: completer.init(seed).parameters,
      discriminator: discriminator.init(seed).parameters,
      meanPredictor: meanPredictor.init(seed).parameters,
    }),
    complete: (variables, z, x, known, pass) =>
      kept(x, known, apply(completer, variables, concat([z, ...inputs(x, known)], 1), pass)),
    predictMean: (variables, x, known, pass) =>
      kept(x, known, apply(meanPredictor, variables, concat(inputs(x, known), 1), pass)),
    discriminate: (variables, x, known, pass) =>
      apply(
        discriminator,
        variables,
        concat([rows(sub(mul(x, 2), 1), size), rows(known, height * width)], 1),
        pass,
      ),
  };
}

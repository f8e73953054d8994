import { ConfigError, ShapeError } from '../errors.ts';
import { add } from '../graph/functions/elementwise.ts';
import { formatShape, staticShape } from '../graph/shapes.ts';
import { leakyRelu, relu } from './activations.ts';
import {
  applyLayers,
  averagedStateOf,
  beforeUpdateOf,
  initLayers,
  type PlacedLayer,
  parameterShapesOf,
  placeLayers,
  stateShapesOf,
  weightsOf,
} from './chain.ts';
import { conv, requireImage } from './conv.ts';
import { requireCount } from './dense.ts';
import { he, type Initialiser, zeros } from './initialisers.ts';
import type { Layer } from './layer.ts';
import { averagePool } from './pooling.ts';
import { upsample } from './resizing.ts';

/** Settings of `residual`. */
export interface ResidualOptions {
  /** Channels of the output: an integer of at least 1. */
  readonly channels: number;
  /** Channels between the two convolutions. Default: `channels`. */
  readonly hidden?: number;
  /** `up`: twice as large, nearest neighbours. `down`: half as large, means of 2 x 2. Absent: the same size. */
  readonly resample?: 'up' | 'down';
  /** What stands before each activation, a new layer at each call: `() => batchNorm()`. Absent: nothing. */
  readonly norm?: () => Layer;
  /** Default `relu`. */
  readonly activation?: () => Layer;
  /** The block takes pixels: no normalisation or activation before its first convolution. Default false. */
  readonly first?: boolean;
  /** Of the convolutions. Default `he()`. */
  readonly weight?: Initialiser;
}

/**
 * Residual block of two 3 x 3 convolutions with pre-activation, [N, C, H, W] -> [N, channels, H', W']:
 * `shortcut(x) + conv(act(norm(conv(act(norm(x))))))`. The image is enlarged before the first convolution and shrunk after the
 * second one. The shortcut is x where nothing changes, else a 1 x 1 convolution, resampled.
 *
 * Parameters under the names of the parts: `conv1/weight`, `batchNorm1/gain`, `shortcut/conv1/weight`.
 *
 * @throws ConfigError where a count is no positive integer; ShapeError where the input is no image, or has an odd side and
 *   is to be halved
 * @see He et al. 2016, https://arxiv.org/abs/1603.05027; Gulrajani et al. 2017 and Miyato et al. 2018 for GANs
 */
export function residual({
  channels,
  hidden = channels,
  resample,
  norm,
  activation = relu,
  first = false,
  weight = he(),
}: ResidualOptions): Layer {
  requireCount('residual', 'channels', channels);
  requireCount('residual', 'hidden', hidden);
  if (resample !== undefined && resample !== 'up' && resample !== 'down')
    throw new ConfigError(`residual: resample must be up or down, got ${resample}`);
  const before = (): Layer[] => [...(norm ? [norm()] : []), activation()];
  const kernel = { size: 3, padding: 1, weight };
  return sumOfBranches('residual', norm?.().mixesExamples === true, (inputShape) => {
    const inputs = requireImage('residual', inputShape);
    if (resample === 'down' && inputShape.slice(1).some((side) => side % 2 !== 0))
      throw new ShapeError(
        `residual: sides must be even to be halved, got ${formatShape(inputShape)}. Take another size or resample`,
      );
    // A 1 x 1 convolution and resampling may change places: the smaller image is the cheaper one.
    const project =
      inputs === channels && resample === undefined ? [] : [conv({ channels, size: 1, weight })];
    return {
      branch: [
        ...(first ? [] : before()),
        ...(resample === 'up' ? [upsample(2)] : []),
        conv({ channels: hidden, ...kernel }),
        ...before(),
        conv({ channels, ...kernel }),
        ...(resample === 'down' ? [averagePool({ size: 2 })] : []),
      ],
      shortcut: [
        ...(resample === 'down' ? [averagePool({ size: 2 })] : []),
        ...project,
        ...(resample === 'up' ? [upsample(2)] : []),
      ],
    };
  });
}

/** Settings of `bottleneck`. */
export interface BottleneckOptions {
  /** Channels inside, as a multiple of those outside: an integer of at least 1. Default 2 (R3GAN's). */
  readonly expansion?: number;
  /** Groups of the 3 x 3 convolution. Default 1: each output sees every channel. */
  readonly groups?: number;
  /** Residual blocks of the whole network: the first two convolutions start smaller by its fourth root. Default 1. */
  readonly blocks?: number;
  /** Default `leakyRelu(0.2)` (R3GAN's). */
  readonly activation?: () => Layer;
  /** Of the first two convolutions. Default `he()`. */
  readonly weight?: Initialiser;
}

/**
 * Residual block with a grouped bottleneck and no normalisation, [N, C, H, W] -> the same shape:
 * `x + conv1x1(act(conv3x3(act(conv1x1(x)))))`. The last convolution starts from zeros and has no bias: the block starts as
 * the identity.
 *
 * Parameters under the names of the parts: `conv1/weight`, `conv1/bias`, ... `conv3/weight`.
 *
 * @throws ConfigError where a count is no positive integer; ShapeError where the input is no image, or groups do not divide
 *   the channels inside
 * @see Huang et al. 2024, The GAN is dead; long live the GAN!, section 3; Zhang et al. 2019 (fixup) for the start
 */
export function bottleneck({
  expansion = 2,
  groups = 1,
  blocks = 1,
  activation = leakyRelu,
  weight = he(),
}: BottleneckOptions = {}): Layer {
  requireCount('bottleneck', 'expansion', expansion);
  requireCount('bottleneck', 'groups', groups);
  requireCount('bottleneck', 'blocks', blocks);
  const smaller: Initialiser = (shape, key, fans) =>
    weight(shape, key, fans).map((value) => value * blocks ** -0.25);
  return sumOfBranches('bottleneck', false, (inputShape) => {
    const inputs = requireImage('bottleneck', inputShape);
    const channels = expansion * inputs;
    if (channels % groups !== 0)
      throw new ShapeError(
        `bottleneck: groups must divide the channels inside, got ${groups} groups of ${channels} (${expansion} x ${inputs})`,
      );
    return {
      branch: [
        conv({ channels, size: 1, weight: smaller }),
        activation(),
        conv({ channels, size: 3, padding: 1, groups, weight: smaller }),
        activation(),
        conv({ channels: inputs, size: 1, weight: zeros(), biases: 'none' }),
      ],
      shortcut: [],
    };
  });
}

/** The layers between a block's input and the sum; without any, x itself. */
interface Branches {
  readonly branch: readonly Layer[];
  readonly shortcut: readonly Layer[];
}

/** A layer made of layers: the sum of two branches, which depend on the input's shape. */
function sumOfBranches(
  kind: string,
  mixesExamples: boolean,
  branchesOf: (inputShape: readonly number[]) => Branches,
): Layer {
  const place = (inputShape: readonly number[]) => {
    const { branch, shortcut } = branchesOf(inputShape);
    const main = placeLayers('', inputShape, branch);
    const beside = placeLayers('shortcut/', inputShape, shortcut).map(
      (placed): PlacedLayer => ({ ...placed, name: `shortcut/${placed.name}` }),
    );
    return { main, beside, all: [...main, ...beside] };
  };
  return {
    kind,
    outputShape: (inputShape) => place(inputShape).main.at(-1)!.outputShape,
    parameterShapes: (inputShape) => parameterShapesOf(place(inputShape).all),
    stateShapes: (inputShape) => stateShapesOf(place(inputShape).all),
    averagedState: (inputShape) => averagedStateOf(place(inputShape).all),
    weights: (inputShape) => weightsOf(place(inputShape).all),
    mixesExamples,
    init: (inputShape, key) => initLayers('', place(inputShape).all, key),
    beforeUpdate: (variables, inputShape) => beforeUpdateOf(place(inputShape).all, variables),
    apply: (variables, x, context) => {
      const { main, beside } = place(staticShape(kind, x.shape.slice(1)));
      const branch = applyLayers(main, variables, x, context);
      const shortcut = applyLayers(beside, variables, x, context);
      return { y: add(shortcut.y, branch.y), state: { ...branch.state, ...shortcut.state } };
    },
  };
}

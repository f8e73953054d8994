/** What is learned in the lab. The first kinds are named as `zerosum train` names them. */
export type LabDataKind =
  | 'ring8'
  | 'grid25'
  | 'swissroll'
  | 'gaussians-1d'
  | 'gaussians-2d'
  | 'drawn'
  | 'digits'
  | 'images';

/** One Gaussian that can be dragged, in the data's units. */
export interface LabGaussian {
  /** `[x]` on the line, `[x, y]` in the plane. */
  readonly centre: readonly number[];
  readonly deviation: number;
  /** Share of the draws before they are divided by their sum. */
  readonly weight: number;
}

/** The data of a state. */
export type LabData =
  | { readonly kind: 'ring8' | 'grid25' | 'swissroll' | 'digits' }
  | { readonly kind: 'gaussians-1d' | 'gaussians-2d'; readonly gaussians: readonly LabGaussian[] }
  | {
      readonly kind: 'drawn';
      /** By hand, `[x, y]` each; the density is one Gaussian about each of them. */
      readonly points: readonly (readonly [number, number])[];
      /** Deviation of those Gaussians, in the data's units: the kernel. */
      readonly bandwidth: number;
    }
  /** Pixels that the visitor brought: they come with the message that opens the game, since no link holds them. */
  | { readonly kind: 'images' };

/** What follows each hidden layer; `leakyRelu` has slope 0.2, `maxout` takes the largest of 4 linear pieces a unit. */
export const labActivations = ['relu', 'leakyRelu', 'tanh', 'sigmoid', 'maxout'] as const;
export type LabActivation = (typeof labActivations)[number];

/** Rules that turn gradients into updates. Adam's beta2 is 0.99 (R3GAN's) and RMSProp's decay 0.99 (PyTorch's). */
export const labOptimisers = ['adam', 'rmsprop', 'sgd'] as const;
export type LabOptimiser = (typeof labOptimisers)[number];

/** The losses, by the names that configs have for them. */
export const labLosses = [
  'nonSaturating',
  'minimax',
  'leastSquares',
  'wasserstein',
  'hinge',
  'relativistic',
] as const;
export type LabLoss = (typeof labLosses)[number];

/** A network and how it is trained. */
export interface LabNetwork {
  /** Hidden layers; 0 makes the network affine. */
  readonly depth: number;
  /** Units of each hidden layer. */
  readonly width: number;
  readonly activation: LabActivation;
  readonly optimiser: LabOptimiser;
  /** At the first step; `decaySteps` of the state says how it falls. */
  readonly learningRate: number;
  /** beta1 of Adam, the momentum of SGD; RMSProp has none. */
  readonly momentum: number;
}

/** The names of what keeps a game calm beside its loss. */
export type LabPenaltyName =
  | 'r1'
  | 'r2'
  | 'gradientPenalty'
  | 'zeroCentredGradientPenalty'
  | 'dragan'
  | 'instanceNoise'
  | 'weightClip'
  | 'spectralNorm'
  | 'consensus';

/** One of them. */
export interface LabPenalty {
  readonly name: LabPenaltyName;
  /** What it means is in `labPenalties`. */
  readonly weight: number;
}

/** What penalties there are, and what their weight is. */
export interface LabPenaltyKind {
  readonly name: LabPenaltyName;
  /** What the discriminator, or both, are held to; the weight in the formula is w. */
  readonly summary: string;
  readonly weight: {
    readonly meaning: string;
    readonly default: number;
    readonly minimum: number;
    readonly maximum: number;
  };
}

/** Everything that a lab's game can be calmed with, in the order of the menu. */
export const labPenalties: readonly LabPenaltyKind[] = [
  {
    name: 'r1',
    summary: 'w / 2 E ||grad D(x)||^2 on real examples (Mescheder et al. 2018)',
    weight: { meaning: 'gamma', default: 0.1, minimum: 0, maximum: 1000 },
  },
  {
    name: 'r2',
    summary: 'w / 2 E ||grad D(G(z))||^2 on samples (Mescheder et al. 2018)',
    weight: { meaning: 'gamma', default: 0.1, minimum: 0, maximum: 1000 },
  },
  {
    name: 'gradientPenalty',
    summary: 'w E (||grad D|| - 1)^2 between real examples and samples: WGAN-GP (Gulrajani et al. 2017)',
    weight: { meaning: 'weight', default: 0.1, minimum: 0, maximum: 1000 },
  },
  {
    name: 'zeroCentredGradientPenalty',
    summary: 'w E ||grad D||^2 between real examples and samples (Thanh-Tung et al. 2019)',
    weight: { meaning: 'weight', default: 0.1, minimum: 0, maximum: 1000 },
  },
  {
    name: 'dragan',
    summary: 'w E (||grad D|| - 1)^2 about real examples: DRAGAN (Kodali et al. 2017)',
    weight: { meaning: 'weight', default: 1, minimum: 0, maximum: 1000 },
  },
  {
    name: 'instanceNoise',
    summary:
      'Gaussian noise of deviation w on real examples and samples before D sees them (Sønderby et al. 2017)',
    weight: { meaning: 'standard deviation', default: 0.1, minimum: 0, maximum: 10 },
  },
  {
    name: 'weightClip',
    summary: 'every weight of D kept within [-w, w]: WGAN (Arjovsky et al. 2017)',
    weight: { meaning: 'largest weight', default: 0.1, minimum: 1e-4, maximum: 100 },
  },
  {
    name: 'spectralNorm',
    summary: 'each weight of D divided by its largest singular value: SN-GAN (Miyato et al. 2018)',
    weight: { meaning: 'no weight, 1', default: 1, minimum: 1, maximum: 1 },
  },
  {
    name: 'consensus',
    summary:
      'both players add w / 2 ||v||^2, v all gradients together; takes order simultaneous (Mescheder et al. 2017)',
    weight: { meaning: 'weight', default: 0.1, minimum: 1e-6, maximum: 1000 },
  },
];

/**
 * Everything that decides what the lab shows of a game: two labs with equal states show equal numbers. Plain JSON; the URL's
 * fragment holds all of it (`formatLabState`), but for the pixels of `images`.
 */
export interface LabState {
  readonly data: LabData;
  /** `uniform`: U(-sqrt 3, sqrt 3), of variance 1; `gaussian`: N(0, I). */
  readonly latent: { readonly distribution: 'uniform' | 'gaussian'; readonly dimension: number };
  readonly generator: LabNetwork;
  readonly discriminator: LabNetwork;
  readonly loss: LabLoss;
  readonly penalties: readonly LabPenalty[];
  /** Updates of D for each of G. */
  readonly k: number;
  /** `alternating`: Algorithm 1. `simultaneous`: both gradients at one place; takes k = 1. */
  readonly order: 'alternating' | 'simultaneous';
  readonly batch: number;
  /** Learning rates fall in a straight line to 0 over so many steps; 0: they stay. */
  readonly decaySteps: number;
  /** Share of the old average of G's weights that a step keeps; 0: no average. */
  readonly average: number;
  readonly seed: number;
  /** Where the lab goes before it shows anything: a link replays as many steps. */
  readonly step: number;
}

type LabLimit =
  | 'depth'
  | 'width'
  | 'latentDimension'
  | 'batch'
  | 'k'
  | 'learningRate'
  | 'momentum'
  | 'average'
  | 'decaySteps'
  | 'seed'
  | 'step'
  | 'gaussians'
  | 'points'
  | 'coordinate'
  | 'deviation'
  | 'weight';

/** What numbers of a state may be. */
export const labLimits: Readonly<Record<LabLimit, readonly [least: number, most: number]>> = {
  depth: [0, 6],
  width: [1, 512],
  latentDimension: [1, 256],
  batch: [1, 1024],
  k: [1, 10],
  learningRate: [0, 10],
  momentum: [0, 0.999999],
  average: [0, 0.999999],
  decaySteps: [0, 1_000_000],
  seed: [0, 2 ** 32 - 1],
  step: [0, 1_000_000],
  gaussians: [1, 32],
  points: [1, 1000],
  coordinate: [-10, 10],
  deviation: [0.005, 10],
  weight: [0.001, 1000],
};

/** The numbers of the presets ring8 and grid25, over so many steps. */
function pointState(data: LabData, decaySteps: number): LabState {
  const network = { depth: 3, width: 64, optimiser: 'adam', learningRate: 2e-3, momentum: 0 } as const;
  return {
    data,
    latent: { distribution: 'gaussian', dimension: 2 },
    generator: { ...network, activation: 'relu' },
    discriminator: { ...network, activation: 'leakyRelu' },
    loss: 'nonSaturating',
    penalties: [{ name: 'r1', weight: 0.1 }],
    k: 1,
    order: 'alternating',
    batch: 128,
    decaySteps,
    average: 0.999,
    seed: 1,
    step: 0,
  };
}

/** The numbers of the preset digits. */
function imageState(kind: 'digits' | 'images'): LabState {
  const network = { depth: 2, optimiser: 'adam', learningRate: 1e-3, momentum: 0 } as const;
  return {
    data: { kind },
    latent: { distribution: 'gaussian', dimension: 64 },
    generator: { ...network, width: 512, activation: 'relu' },
    discriminator: { ...network, width: 128, activation: 'maxout' },
    loss: 'nonSaturating',
    penalties: [{ name: 'r1', weight: 2 }],
    k: 1,
    order: 'alternating',
    batch: 64,
    decaySteps: 4000,
    average: 0.995,
    seed: 1,
    step: 0,
  };
}

/**
 * The line: a smooth generator of one uniform z, and so a pg that is known exactly, and a discriminator that keeps near D*:
 * deeper, faster, and two updates for each of G, as figure 1 has it. With one it lags behind, and samples turn about the data.
 */
function lineState(): LabState {
  const network = { width: 32, optimiser: 'adam', momentum: 0 } as const;
  return {
    data: {
      kind: 'gaussians-1d',
      gaussians: [-2, 2].map((x) => ({ centre: [x], deviation: 0.5, weight: 1 })),
    },
    latent: { distribution: 'uniform', dimension: 1 },
    generator: { ...network, depth: 2, activation: 'tanh', learningRate: 1e-3 },
    discriminator: { ...network, depth: 3, activation: 'leakyRelu', learningRate: 4e-3 },
    loss: 'nonSaturating',
    penalties: [{ name: 'r1', weight: 0.01 }],
    k: 2,
    order: 'alternating',
    batch: 128,
    decaySteps: 8000,
    average: 0,
    seed: 1,
    step: 0,
  };
}

const drawnHeart: readonly (readonly [number, number])[] = Array.from({ length: 60 }, (_, i) => {
  const t = (2 * Math.PI * i) / 60;
  const x = 16 * Math.sin(t) ** 3;
  const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
  return [x / 11, (y + 2) / 11];
});

/**
 * The state that a kind of data starts with. `ring8`, `grid25` and `digits` are the presets of those names, `swissroll` what
 * `zerosum train swissroll` takes; the others were found by trying.
 */
export function defaultLabState(kind: LabDataKind = 'ring8'): LabState {
  switch (kind) {
    case 'ring8':
    case 'swissroll':
      return pointState({ kind }, 8000);
    case 'grid25':
      return pointState({ kind }, 16_000);
    case 'gaussians-1d':
      return lineState();
    case 'gaussians-2d': {
      const gaussians = [
        [-1, -0.6],
        [1, -0.6],
        [0, 1.1],
      ].map((centre) => ({ centre, deviation: 0.2, weight: 1 }));
      return pointState({ kind, gaussians }, 8000);
    }
    case 'drawn':
      return pointState({ kind, points: drawnHeart, bandwidth: 0.06 }, 8000);
    case 'digits':
    case 'images':
      return imageState(kind);
  }
}

/** 1 on the line, 2 in the plane, undefined for images. */
export function labDimension({ kind }: LabData): 1 | 2 | undefined {
  if (kind === 'digits' || kind === 'images') return undefined;
  return kind === 'gaussians-1d' ? 1 : 2;
}

/** The kinds of data, in the order of the menu. */
export const labDataKinds: readonly LabDataKind[] = [
  'gaussians-1d',
  'gaussians-2d',
  'ring8',
  'grid25',
  'swissroll',
  'drawn',
  'digits',
  'images',
];

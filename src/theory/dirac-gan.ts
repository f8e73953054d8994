/**
 * The Dirac-GAN: data at 0, samples at theta, a linear discriminator psi x. The smallest game in which training may not
 * converge, though nothing of it is hard.
 *
 * @see Mescheder et al. 2018, https://arxiv.org/abs/1801.04406
 */

/** theta, the generator's only sample, and psi, the discriminator's slope. */
export type State = readonly [theta: number, psi: number];

/** Where the players push a state: (v_theta, v_psi). */
export type VectorField = (state: State) => State;

/** A way of training. */
export interface Method {
  readonly name: string;
  readonly field: VectorField;
  /** What is done after each step; WGAN clips psi. */
  readonly afterStep?: (state: State) => State;
}

const sigmoid = (t: number): number => 1 / (1 + Math.exp(-t));

/** `L = f(psi theta) + f(0)`, f(t) = -log(1 + exp(-t)): D ascends it, G descends. D gives samples the high scores here. */
const gan: VectorField = ([theta, psi]) => {
  const slope = sigmoid(-psi * theta);
  return [-psi * slope, theta * slope];
};

/** The gradient of `1/2 |v|^2` for the field above, by hand: |v|^2 = (theta^2 + psi^2) s^2, ds = -s (1 - s) d(psi theta). */
const halfSquaredNormGradient: VectorField = ([theta, psi]) => {
  const slope = sigmoid(-psi * theta);
  const bend = (theta * theta + psi * psi) * slope * slope * (1 - slope);
  return [theta * slope * slope - bend * psi, psi * slope * slope - bend * theta];
};

/** Gauss-Hermite, 10 points for the weight exp(-x^2): positive abscissas and weights. */
const HERMITE = [
  [0.3429013272237046, 0.6108626337353258],
  [1.0366108297895136, 0.2401386110823147],
  [1.7566836492998816, 0.033874394455481],
  [2.5327316742327897, 0.0013436457467812],
  [3.4361591188377374, 7.640432855233e-6],
] as const;

/** The mean of f over N(0, deviation^2). */
function gaussianMean(f: (x: number) => number, deviation: number): number {
  let sum = 0;
  for (const [node, weight] of HERMITE) {
    const x = Math.SQRT2 * deviation * node;
    sum += weight * (f(x) + f(-x));
  }
  return sum / Math.sqrt(Math.PI);
}

/** Strengths of the methods that have one. */
export interface DiracOptions {
  /** Weight of R1, of R2 and of consensus; default 0.3, as in the paper's own plots. */
  readonly regularisation?: number;
  /** psi is kept in [-clip, clip] by WGAN; default 0.3, theirs. */
  readonly clip?: number;
  /** Weight of WGAN-GP's penalty; default 1, theirs. */
  readonly penalty?: number;
  /** Slope that WGAN-GP wants of D; default 0.3, theirs. */
  readonly targetSlope?: number;
  /** Deviation of instance noise, on data and samples; default 0.7, about the deviation at which it damps as strongly as 0.3 of R1. */
  readonly noise?: number;
}

/**
 * Nine ways of training the Dirac-GAN: `GAN`, `NSGAN`, `WGAN`, `WGAN-GP`, `R1`, `R2` (here the same: D's slope is psi
 * everywhere), `instance noise`, `consensus`, and non-saturating with R1.
 */
export function diracMethods({
  regularisation = 0.3,
  clip = 0.3,
  penalty = 1,
  targetSlope = 0.3,
  noise = 0.7,
}: DiracOptions = {}): Method[] {
  const nonSaturating: VectorField = ([theta, psi]) => [
    -psi * sigmoid(psi * theta),
    theta * sigmoid(-psi * theta),
  ];
  const damped =
    (field: VectorField): VectorField =>
    (state) => {
      const [theta, psi] = field(state);
      return [theta, psi - regularisation * state[1]];
    };
  return [
    { name: 'GAN', field: gan },
    { name: 'NSGAN', field: nonSaturating },
    {
      name: 'WGAN',
      field: ([theta, psi]) => [-psi, theta],
      afterStep: ([theta, psi]) => [theta, Math.min(clip, Math.max(-clip, psi))],
    },
    {
      name: 'WGAN-GP',
      field: ([theta, psi]) => [-psi, theta - penalty * (Math.abs(psi) - targetSlope) * Math.sign(psi)],
    },
    {
      name: 'instance noise',
      // E f(psi (theta + e)) + E f(-psi e'): noise on samples and on data.
      field: ([theta, psi]) => [
        -psi * gaussianMean((e) => sigmoid(-psi * (theta + e)), noise),
        gaussianMean((e) => sigmoid(-psi * (theta + e)) * (theta + e) - sigmoid(psi * e) * e, noise),
      ],
    },
    {
      name: 'consensus',
      field: (state) => {
        const [theta, psi] = gan(state);
        const [byTheta, byPsi] = halfSquaredNormGradient(state);
        return [theta - regularisation * byTheta, psi - regularisation * byPsi];
      },
    },
    { name: 'R1', field: damped(gan) },
    { name: 'R2', field: damped(gan) },
    { name: 'NSGAN + R1', field: damped(nonSaturating) },
  ];
}

/** How the players take turns; `continuous` is the limit of small steps. */
export type Dynamics = 'simultaneous' | 'alternating' | 'continuous';

/** Where training starts and how it goes. */
export interface DiracRun {
  /** Default `simultaneous`. */
  readonly dynamics?: Dynamics;
  /** Default [1, 1], as in the paper's plots. */
  readonly start?: State;
  /** Learning rate h, also the time of a step in the continuous limit; default 0.1, theirs. */
  readonly step?: number;
  /** Default 5,000: at their 50 a slow spiral looks like a circle. */
  readonly steps?: number;
}

const keep = (state: State): State => state;

function advance({ field, afterStep = keep }: Method, dynamics: Dynamics, state: State, h: number): State {
  const [theta, psi] = state;
  switch (dynamics) {
    case 'simultaneous': {
      const [vTheta, vPsi] = field(state);
      return afterStep([theta + h * vTheta, psi + h * vPsi]);
    }
    case 'alternating': {
      const moved: State = [theta + h * field(state)[0], psi];
      return afterStep([moved[0], psi + h * field(moved)[1]]);
    }
    case 'continuous': {
      // Runge and Kutta's fourth order, in tenths of a step.
      let at = state;
      const d = h / 10;
      const along = ([a, b]: State, [va, vb]: State, t: number): State => [a + t * va, b + t * vb];
      for (let i = 0; i < 10; i++) {
        const k1 = field(at);
        const k2 = field(along(at, k1, d / 2));
        const k3 = field(along(at, k2, d / 2));
        const k4 = field(along(at, k3, d));
        const mean: State = [
          (k1[0] + 2 * k2[0] + 2 * k3[0] + k4[0]) / 6,
          (k1[1] + 2 * k2[1] + 2 * k3[1] + k4[1]) / 6,
        ];
        at = afterStep(along(at, mean, d));
      }
      return at;
    }
  }
}

/** All states of a training, the start included. */
export function diracTrajectory(method: Method, run: DiracRun = {}): State[] {
  const { dynamics = 'simultaneous', start = [1, 1], step = 0.1, steps = 5000 } = run;
  const states: State[] = [start];
  for (let i = 0; i < steps; i++) states.push(advance(method, dynamics, states.at(-1)!, step));
  return states;
}

/** Distance from the equilibrium (0, 0). */
export function radius([theta, psi]: State): number {
  return Math.hypot(theta, psi);
}

/**
 * How a training ends. `converges`: within 1e-3 of the equilibrium. `slowly`: nearer than at a tenth of the time, but not
 * there: slower than any exponential. `circles`: neither nearer nor farther. `diverges`: farther than at the start.
 */
export type Verdict = 'converges' | 'slowly' | 'circles' | 'diverges';

/** Classifies a training by its largest distances, over a turn, at a tenth of the time and at the end. */
export function classify(states: readonly State[]): Verdict {
  // A clipped or penalised orbit is no circle: its distance swings within a turn, so turns are compared, not points.
  const window = Math.max(1, Math.floor(states.length / 20));
  const largest = (end: number): number =>
    Math.max(...states.slice(Math.max(0, end - window), end).map(radius));
  const early = largest(Math.floor(states.length / 10) + window);
  const late = largest(states.length);
  if (late < 1e-3) return 'converges';
  if (late > 1.1 * Math.max(early, radius(states[0]!))) return 'diverges';
  return late < 0.9 * early ? 'slowly' : 'circles';
}

/** Real and imaginary part. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/**
 * Eigenvalues of a field's Jacobian at the equilibrium (0, 0), by central differences. Training converges there at an
 * exponential rate where both real parts are negative; on the imaginary axis small steps turn in circles.
 */
export function jacobianEigenvalues(field: VectorField): [Complex, Complex] {
  const h = 1e-5;
  const column = (towards: State): State => {
    const [a, b] = field([h * towards[0], h * towards[1]]);
    const [c, d] = field([-h * towards[0], -h * towards[1]]);
    return [(a - c) / (2 * h), (b - d) / (2 * h)];
  };
  const [a, c] = column([1, 0]);
  const [b, d] = column([0, 1]);
  const half = (a + d) / 2;
  const discriminant = half * half - (a * d - b * c);
  const root = Math.sqrt(Math.abs(discriminant));
  return discriminant >= 0
    ? [
        { re: half + root, im: 0 },
        { re: half - root, im: 0 },
      ]
    : [
        { re: half, im: root },
        { re: half, im: -root },
      ];
}

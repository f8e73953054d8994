import { ConfigError } from '../errors.ts';

/** An integral by a rule on points, with what its error is estimated at. */
export interface Integral {
  readonly value: number;
  /** Sum over all pieces of |Kronrod - Gauss|, absolute; the value itself is closer, as a rule by orders of magnitude. */
  readonly error: number;
  /** How often the function was called. */
  readonly evaluations: number;
}

/** When quadrature stops. */
export interface QuadratureOptions {
  /** Absolute error to reach, default 1e-11: two digits below the 1e-9 that the theorems are checked to. */
  readonly tolerance?: number;
  /** Where the function has kinks, jumps or narrow peaks; default none. */
  readonly breakpoints?: readonly number[];
  /** It gives up here and returns what it has, with its error; default 4,000,000. */
  readonly mostEvaluations?: number;
}

/** Kronrod's 15 points on [-1, 1], from the end to the middle: abscissa, weight, and the weight of Gauss's 7 points. */
const RULE: readonly (readonly [number, number, number])[] = [
  [0.9914553711208126, 0.022935322010529224, 0],
  [0.9491079123427585, 0.06309209262997856, 0.1294849661688697],
  [0.8648644233597691, 0.10479001032225019, 0],
  [0.7415311855993945, 0.14065325971552592, 0.27970539148927664],
  [0.5860872354676911, 0.1690047266392679, 0],
  [0.4058451513773972, 0.19035057806478542, 0.3818300505051189],
  [0.20778495500789848, 0.20443294007529889, 0],
  [0, 0.20948214108472782, 0.4179591836734694],
];
const NODES = Float64Array.from([
  ...RULE.map(([x]) => -x),
  ...RULE.slice(0, 7)
    .map(([x]) => x)
    .reverse(),
]);
const mirrored = (column: 1 | 2): Float64Array =>
  Float64Array.from([
    ...RULE.map((row) => row[column]),
    ...RULE.slice(0, 7)
      .map((row) => row[column])
      .reverse(),
  ]);
const KRONROD = mirrored(1);
const GAUSS = mirrored(2);

/** A box with its own estimate. */
interface Piece {
  readonly box: readonly Interval[];
  readonly value: number;
  readonly error: number;
}

/** From and to, in the data's units. */
export type Interval = readonly [number, number];

function line(f: (x: number) => number, [low, high]: Interval): Piece {
  const half = (high - low) / 2;
  const middle = (low + high) / 2;
  let kronrod = 0;
  let gauss = 0;
  for (let i = 0; i < 15; i++) {
    const y = f(middle + half * NODES[i]!);
    kronrod += KRONROD[i]! * y;
    gauss += GAUSS[i]! * y;
  }
  return { box: [[low, high]], value: half * kronrod, error: half * Math.abs(kronrod - gauss) };
}

function rectangle(f: (x: number, y: number) => number, across: Interval, up: Interval): Piece {
  const halfX = (across[1] - across[0]) / 2;
  const halfY = (up[1] - up[0]) / 2;
  let kronrod = 0;
  let gauss = 0;
  for (let i = 0; i < 15; i++) {
    const x = (across[0] + across[1]) / 2 + halfX * NODES[i]!;
    let alongKronrod = 0;
    let alongGauss = 0;
    for (let j = 0; j < 15; j++) {
      const value = f(x, (up[0] + up[1]) / 2 + halfY * NODES[j]!);
      alongKronrod += KRONROD[j]! * value;
      alongGauss += GAUSS[j]! * value;
    }
    kronrod += KRONROD[i]! * alongKronrod;
    gauss += GAUSS[i]! * alongGauss;
  }
  const area = halfX * halfY;
  return { box: [across, up], value: area * kronrod, error: area * Math.abs(kronrod - gauss) };
}

/** The pieces between the ends and the breakpoints that lie between them. */
function stretches([low, high]: Interval, breakpoints: readonly number[]): Interval[] {
  const inner = [...new Set(breakpoints)].filter((x) => x > low && x < high).sort((a, b) => a - b);
  const ends = [low, ...inner, high];
  return ends.slice(1).map((end, i) => [ends[i]!, end]);
}

/** Halves the pieces that hold more than their share of the error, until all of it is within the tolerance. */
function refine(
  first: readonly Piece[],
  split: (piece: Piece) => Piece[],
  perPiece: number,
  tolerance: number,
  most: number,
): Integral {
  let pieces = first;
  let evaluations = first.length * perPiece;
  for (;;) {
    const error = pieces.reduce((sum, piece) => sum + piece.error, 0);
    const share = tolerance / (2 * pieces.length);
    const wrong = pieces.filter((piece) => piece.error > share);
    if (error <= tolerance || wrong.length === 0 || evaluations >= most) {
      // Small ones first: a sum of many pieces keeps its last digits.
      const values = pieces.map((piece) => piece.value).sort((a, b) => Math.abs(a) - Math.abs(b));
      return { value: values.reduce((sum, value) => sum + value, 0), error, evaluations };
    }
    const halves = wrong.flatMap(split);
    evaluations += halves.length * perPiece;
    pieces = [...pieces.filter((piece) => piece.error <= share), ...halves];
  }
}

function requireFinite(caller: string, ...intervals: Interval[]): void {
  for (const [low, high] of intervals)
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
      throw new ConfigError(`${caller}: an interval must go from a finite number up, got ${low} to ${high}`);
}

/**
 * Integral of a function over [low, high] by the Gauss-Kronrod rule of 7 and 15 points, halving the pieces that are not
 * good enough.
 *
 * @throws ConfigError if the interval is not finite or empty
 * @see Piessens et al. 1983, QUADPACK
 */
export function integrate(
  f: (x: number) => number,
  interval: Interval,
  { tolerance = 1e-11, breakpoints = [], mostEvaluations = 4_000_000 }: QuadratureOptions = {},
): Integral {
  requireFinite('integrate', interval);
  const split = ({ box }: Piece): Piece[] => {
    const [low, high] = box[0]!;
    const middle = (low + high) / 2;
    return [line(f, [low, middle]), line(f, [middle, high])];
  };
  const first = stretches(interval, breakpoints).map((piece) => line(f, piece));
  return refine(first, split, 15, tolerance, mostEvaluations);
}

/** When quadrature in the plane stops. */
export interface PlaneQuadratureOptions extends Omit<QuadratureOptions, 'breakpoints'> {
  /** On x and on y; default none. */
  readonly breakpoints?: readonly [readonly number[], readonly number[]];
}

/**
 * Integral of a function over a rectangle by the product of two Gauss-Kronrod rules, 225 points a piece, quartering the
 * pieces that are not good enough.
 *
 * @throws ConfigError if an interval is not finite or empty
 */
export function integratePlane(
  f: (x: number, y: number) => number,
  across: Interval,
  up: Interval,
  { tolerance = 1e-11, breakpoints = [[], []], mostEvaluations = 40_000_000 }: PlaneQuadratureOptions = {},
): Integral {
  requireFinite('integratePlane', across, up);
  const split = ({ box }: Piece): Piece[] => {
    const [[left, right], [bottom, top]] = box as readonly [Interval, Interval];
    const [x, y] = [(left + right) / 2, (bottom + top) / 2];
    return [
      rectangle(f, [left, x], [bottom, y]),
      rectangle(f, [x, right], [bottom, y]),
      rectangle(f, [left, x], [y, top]),
      rectangle(f, [x, right], [y, top]),
    ];
  };
  const first = stretches(across, breakpoints[0]).flatMap((x) =>
    stretches(up, breakpoints[1]).map((y) => rectangle(f, x, y)),
  );
  return refine(first, split, 225, tolerance, mostEvaluations);
}

/**
 * Integral of a function that vanishes with all its derivatives at both ends, by sums over equally spaced points: the
 * spacing is halved until two sums agree. For smooth integrands on the line it converges faster than any power, and it
 * shares nothing with `integrate`: the second of two routes to one number.
 *
 * @returns the last sum; its error is the difference to the one before
 * @throws ConfigError if the interval is not finite or empty
 */
export function integrateByTrapezoids(
  f: (x: number) => number,
  [low, high]: Interval,
  { tolerance = 1e-12, mostEvaluations = 4_000_000 }: Omit<QuadratureOptions, 'breakpoints'> = {},
): Integral {
  requireFinite('integrateByTrapezoids', [low, high]);
  let count = 64;
  let spacing = (high - low) / count;
  let sum = (f(low) + f(high)) / 2;
  for (let i = 1; i < count; i++) sum += f(low + i * spacing);
  for (let agreed = 0; ; ) {
    let between = 0;
    for (let i = 0; i < count; i++) between += f(low + (i + 0.5) * spacing);
    const before = sum * spacing;
    sum += between;
    count *= 2;
    spacing /= 2;
    const error = Math.abs(sum * spacing - before);
    // Two sums can agree by chance before they see a narrow peak; three do not.
    agreed = error <= tolerance ? agreed + 1 : 0;
    if (agreed === 2 || count >= mostEvaluations) return { value: sum * spacing, error, evaluations: count };
  }
}

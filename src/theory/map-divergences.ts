import { pushForward, type Samples1d, valueOfMap } from './change-of-variables.ts';
import { type Density, logSum } from './density.ts';
import type { DivergenceOptions } from './divergences.ts';
import { type Integral, integrate } from './quadrature.ts';

/** Divergences between a density p on the line and that of G(z), q, in nats. */
export interface MapDivergences {
  /** Jensen-Shannon, in [0, log 2]. */
  readonly jsd: Integral;
  /** KL(q || p). */
  readonly klQP: Integral;
}

/** Pieces of z to begin with. */
const PIECES = 32;

/**
 * The Jensen-Shannon divergence `1/2 E_p log(p / m) + 1/2 E_q log(q / m)` and `KL(q || p)`, by quadrature. Expectations over q
 * are integrals over z: where G folds or is flat q is infinite or nearly so, but its logarithm at G(z) is tame, and so is what
 * p sees of it.
 *
 * @param options - of each integral; default tolerance 1e-9
 * @throws ConfigError as `pushForward`
 */
export function mapDivergences(
  p: Density,
  map: Samples1d,
  { tolerance = 1e-9, mostEvaluations }: DivergenceOptions = {},
): MapDivergences {
  const q = pushForward(map);
  const { interval, slopes, latent = 'uniform' } = map;
  const [from, to] = interval;
  const cells = slopes.length - 1;
  const width = (to - from) / cells;
  const latentDensity = (z: number): number =>
    latent === 'gaussian' ? Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI) : 1 / (to - from);
  const turns: number[] = [];
  for (let i = 0; i < cells; i++)
    if (slopes[i]! * slopes[i + 1]! <= 0) turns.push(from + i * width, from + (i + 1) * width);
  const pieces = Array.from({ length: PIECES }, (_, i) => from + ((to - from) * i) / PIECES);
  const options = { tolerance, ...(mostEvaluations === undefined ? {} : { mostEvaluations }) };
  /** E_q of a function of log p and log q. */
  const overSamples = (f: (logP: number, logQ: number) => number): Integral =>
    integrate(
      (z) => {
        const weight = latentDensity(z);
        if (weight === 0) return 0;
        const x = valueOfMap(map, z);
        const logQ = q.logDensity(x);
        // At the very edge of its range rounding may leave x outside.
        return Number.isFinite(logQ) ? weight * f(p.logDensity(x), logQ) : 0;
      },
      interval,
      { ...options, breakpoints: [...pieces, ...turns] },
    );
  const logM = (logP: number, logQ: number): number => logSum(logP, logQ) - Math.LN2;
  const ofData = integrate(
    (x) => {
      const logP = p.logDensity(x);
      const logQ = q.logDensity(x);
      return logP === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logP) * (logP - logM(logP, logQ));
    },
    p.bounds[0]!,
    { ...options, breakpoints: [...p.breakpoints[0]!, ...q.breakpoints[0]!] },
  );
  const ofModel = overSamples((logP, logQ) => logQ - logM(logP, logQ));
  return {
    jsd: {
      value: 0.5 * (ofData.value + ofModel.value),
      error: 0.5 * (ofData.error + ofModel.error),
      evaluations: ofData.evaluations + ofModel.evaluations,
    },
    klQP: overSamples((logP, logQ) => logQ - logP),
  };
}

import type { Distribution } from '../data/dataset.ts';
import { ShapeError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { densityOf } from '../theory/toy-densities.ts';

/** A discriminator beside the optimal one, `D*(x) = p_data(x) / (p_data(x) + p_g(x))`. */
export interface DiscriminatorError {
  /** Mean of |D - D*| over real draws and samples, half and half, in [0, 1]. */
  readonly value: number;
  /** What a D that says 1/2 everywhere would get: how far the game is from its end. */
  readonly constant: number;
  /** Mean of D over real draws and over samples. */
  readonly means: { readonly real: number; readonly fake: number };
  readonly protocol: {
    readonly real: number;
    readonly fake: number;
    readonly modelDensity: string;
    readonly cellWidth: number;
  };
}

/** Points and what a discriminator says of them. */
export interface JudgedPoints {
  /** float32 [n, d], in the data's units */
  readonly points: Tensor<'float32'>;
  /** D(x) as probabilities, [n]. */
  readonly probabilities: Float32Array;
}

/**
 * How far a trained discriminator is from the optimal one. The density of the data is exact; that of the model is a histogram
 * of the samples with cells as wide as the data's smallest deviation, so a perfect D is some hundredths away too.
 *
 * @throws ConfigError where the density of the data is not known; ShapeError where there is no probability for each point
 * @see Goodfellow et al. 2014, Proposition 1
 */
export function discriminatorError(
  distribution: Distribution,
  real: JudgedPoints,
  fake: JudgedPoints,
): DiscriminatorError {
  const density = densityOf(distribution);
  const { dimension, scale: width } = density;
  for (const { points, probabilities } of [real, fake])
    if (probabilities.length !== points.shape[0] || points.shape[1] !== dimension)
      throw new ShapeError(
        `discriminatorError: points must be [n, ${dimension}] with a probability each, got [${points.shape.join(', ')}] and ${probabilities.length} probabilities`,
      );
  const samples = fake.points.shape[0]!;
  const counts = new Map<string, number>();
  const cell = (data: Float32Array, row: number): string =>
    Array.from(data.subarray(row * dimension, (row + 1) * dimension), (x) => Math.floor(x / width)).join(' ');
  for (let row = 0; row < samples; row++) {
    const key = cell(fake.points.data, row);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const volume = samples * width ** dimension;
  const means = [real, fake].map(({ points: { data }, probabilities }) => {
    const totals = { error: 0, constant: 0, probability: 0 };
    for (const [row, probability] of probabilities.entries()) {
      const p = Math.exp(density.logDensity(data[row * dimension]!, data[row * dimension + 1]));
      const q = (counts.get(cell(data, row)) ?? 0) / volume;
      const optimal = p + q === 0 ? 0.5 : p / (p + q);
      totals.error += Math.abs(probability - optimal);
      totals.constant += Math.abs(0.5 - optimal);
      totals.probability += probability;
    }
    const n = probabilities.length;
    return {
      error: totals.error / n,
      constant: totals.constant / n,
      probability: totals.probability / n,
    };
  });
  const [ofReal, ofFake] = means as [(typeof means)[0], (typeof means)[0]];
  return {
    value: (ofReal.error + ofFake.error) / 2,
    constant: (ofReal.constant + ofFake.constant) / 2,
    means: { real: ofReal.probability, fake: ofFake.probability },
    protocol: {
      real: real.probabilities.length,
      fake: samples,
      modelDensity: 'histogram of the samples',
      cellWidth: width,
    },
  };
}

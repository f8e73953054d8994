import { type Dataset, type Distribution, isDistribution } from '../data/dataset.ts';
import { ConfigError } from '../errors.ts';
import { discriminatorError } from '../eval/discriminator-error.ts';
import { knownDensityMeasures } from '../eval/known-density.ts';
import { modeCoverage } from '../eval/modes.ts';
import type { Tensor } from '../graph/tensor.ts';
import { FEWEST_OF_EACH } from '../learned/two-sample-parts.ts';
import { twoSampleTest } from '../learned/two-sample-test.ts';
import { streamOf } from '../random/threefry.ts';
import type { Session } from '../runtime/session.ts';
import { hasDensity } from '../theory/toy-densities.ts';
import { measuresOfTable, tableMeasures } from './evaluate-table.ts';
import type { PointMeasures } from './evaluation.ts';

/** What the measures of points need. */
export interface PointEvaluationOptions {
  readonly session: Session;
  readonly measures: ReadonlySet<keyof PointMeasures>;
  /** D(x) of the run's discriminator at points float32 [N, d]; absent where the samples come from elsewhere. */
  readonly discriminator?: (points: Tensor<'float32'>) => Promise<Float32Array>;
  /** Of the real draws and of the two-sample test; integer in [0, 2^32). */
  readonly seed: number;
  /** Told before each piece of work. */
  readonly onProgress?: (what: string) => void;
}

/**
 * The measures that a set of points allows: divergences only against a density that is known, modes only where it has some,
 * columns only of a table. A table too small for the two-sample test goes without.
 *
 * @returns in the order in which they are told
 */
export function measuresOfPoints(
  dataset: Dataset,
  hasDiscriminator = false,
): readonly (keyof PointMeasures)[] {
  if (!isDistribution(dataset)) {
    const { table, test } = dataset;
    if (!table) return ['twoSample'];
    const isEnough = test.count >= FEWEST_OF_EACH;
    return [...measuresOfTable(table), ...(isEnough ? (['twoSample'] as const) : [])];
  }
  return [
    ...(hasDensity(dataset) ? (['jsd', 'kl'] as const) : []),
    ...(dataset.modes ? (['modesCovered', 'highQualityFraction'] as const) : []),
    'twoSample',
    ...(hasDensity(dataset) && hasDiscriminator ? (['discriminator'] as const) : []),
  ];
}

/**
 * Measures points against a density, or against the held-out points of a set.
 *
 * @param samples - float32 [N, d], in the data's units
 * @throws ConfigError where a measure needs a density or modes that the data does not have
 */
export async function evaluatePoints(
  samples: Tensor<'float32'>,
  dataset: Dataset,
  { session, measures, discriminator, seed, onProgress = () => {} }: PointEvaluationOptions,
): Promise<PointMeasures> {
  const possible = measuresOfPoints(dataset, discriminator !== undefined);
  for (const name of measures)
    if (!possible.includes(name))
      throw new ConfigError(
        `evaluate: ${name} must have data with ${needs(name)}, got ${dataset.name}. Possible here: ${possible.join(', ')}`,
      );
  const real = realPoints(dataset, samples.shape[0]!, seed);
  const result: { -readonly [K in keyof PointMeasures]: PointMeasures[K] } = {};
  if (isDistribution(dataset)) {
    onProgress('the samples against the exact density');
    if (measures.has('jsd') || measures.has('kl')) {
      const { jsd, kl } = knownDensityMeasures(samples, dataset, { seed });
      if (measures.has('jsd')) result.jsd = jsd;
      if (measures.has('kl')) result.kl = kl;
    }
    if (measures.has('discriminator')) {
      const judge = async (points: Tensor<'float32'>) => ({
        points,
        probabilities: await discriminator!(points),
      });
      result.discriminator = discriminatorError(dataset, await judge(real), await judge(samples));
    }
    Object.assign(result, modeMeasures(samples, real, dataset, measures));
  }
  if (!isDistribution(dataset)) Object.assign(result, tableMeasures(samples, dataset, { measures, seed }));
  if (measures.has('twoSample')) {
    onProgress('two-sample test: a fresh discriminator learns to tell samples from real points');
    result.twoSample = await twoSampleTest(real, samples, {
      session,
      kind: 'points',
      split: isDistribution(dataset) ? 'fresh draws' : 'test',
      seed,
    });
  }
  return result;
}

function needs(name: keyof PointMeasures): string {
  if (name === 'columns' || name === 'associations') return 'several columns that vary';
  if (name === 'twoSample') return `${FEWEST_OF_EACH} test rows or more`;
  return name === 'modesCovered' || name === 'highQualityFraction' ? 'modes' : 'a known density';
}

function modeMeasures(
  samples: Tensor<'float32'>,
  real: Tensor<'float32'>,
  { modes }: Distribution,
  measures: ReadonlySet<keyof PointMeasures>,
): PointMeasures {
  if (!modes) return {};
  const { covered, total, highQualityFraction } = modeCoverage(samples.data, modes);
  const held = modeCoverage(real.data, modes);
  const count = samples.shape[0]!;
  return {
    ...(measures.has('modesCovered')
      ? {
          modesCovered: {
            value: covered,
            total,
            protocol: {
              samples: count,
              covered: 'at least a fifth of the fair share within 3 standard deviations',
            },
          },
        }
      : {}),
    ...(measures.has('highQualityFraction')
      ? {
          highQualityFraction: {
            value: highQualityFraction,
            heldOut: held.highQualityFraction,
            protocol: { samples: count, within: '3 standard deviations of the nearest mode' },
          },
        }
      : {}),
  };
}

/** Points that no generator was trained on: fresh draws of a density, the test points of a set. */
function realPoints(dataset: Dataset, count: number, seed: number): Tensor<'float32'> {
  if (isDistribution(dataset)) {
    const [dimension] = dataset.exampleShape;
    const data = new Float32Array(count * dimension);
    dataset.draw({ seed, stream: streamOf('evaluate/heldOut') }, 0, data);
    return { dtype: 'float32', shape: [count, dimension], data };
  }
  const { test } = dataset;
  return {
    dtype: 'float32',
    shape: [test.count, test.examples.length / test.count],
    data: Float32Array.from(test.examples),
  };
}

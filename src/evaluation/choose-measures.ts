import { type Dataset, isDistribution } from '../data/dataset.ts';
import { ConfigError } from '../errors.ts';
import type { Game } from '../gan/game.ts';
import { oneOf } from '../nearest-name.ts';
import { measuresOfPoints } from './evaluate-points.ts';
import { imageMeasures, type MeasureName, pointMeasures } from './evaluation.ts';

const all: readonly MeasureName[] = [...new Set<MeasureName>([...imageMeasures, ...pointMeasures])];

/** Measures that need the probabilities of classes, which a user's extractor need not give. */
const ofClasses: readonly MeasureName[] = ['modes', 'classAccuracy', 'inceptionScore'];
/** Measures of images that need no features: what is left for images without labels. */
const withoutFeatures: readonly MeasureName[] = ['twoSample', 'neighbours', 'parzen'];

/**
 * Names that are known measures.
 *
 * @param flag - the flag that they come from, for the error
 * @param among - what they may be; default: all measures
 * @throws ConfigError for an unknown name, and for none at all
 */
export function requireMeasureNames(
  flag: string,
  names: readonly string[],
  among: readonly MeasureName[] = all,
): readonly MeasureName[] {
  for (const name of names)
    if (!(among as readonly string[]).includes(name))
      throw new ConfigError(`${flag}: unknown measure ${name}. ${oneOf(name, [...among])}`);
  if (names.length === 0)
    throw new ConfigError(`${flag}: must name at least one of ${among.join(', ')}, got none`);
  return names as readonly MeasureName[];
}

/** What there is to measure with besides samples and data. */
export interface MeasuringMeans {
  /** A user's extractor, which may know no classes. Default false. */
  readonly features?: boolean;
  /** The discriminator of the run. Default false. */
  readonly discriminator?: boolean;
  /** Samples that were asked to be of a class of this data. Default false. */
  readonly labels?: boolean;
}

/** Whether samples of a game are asked to be of classes that a data set has labels of. */
export function hasClassesOf(
  { labels }: Pick<Game, 'labels'>,
  dataset: Dataset,
  names?: readonly string[],
): boolean {
  if (!labels || isDistribution(dataset) || !dataset.train.labels) return false;
  const { classes = [] } = dataset;
  return names ? names.join('\n') === classes.join('\n') : classes.length === labels.classes;
}

/**
 * The measures that were asked for, or all that the data allows.
 *
 * @throws ConfigError for one that the data does not allow
 */
export function chooseMeasures(
  flag: string,
  asked: readonly MeasureName[] | undefined,
  dataset: Dataset,
  { features = false, discriminator = false, labels = false }: MeasuringMeans = {},
): ReadonlySet<MeasureName> {
  const allowed = measuresOf(dataset, { features, discriminator, labels });
  for (const name of asked ?? [])
    if (
      !allowed.includes(name) &&
      !(features && ofClasses.includes(name) && (labels || name !== 'classAccuracy'))
    )
      throw new ConfigError(
        `${flag}: ${name} must be a measure that ${dataset.name} allows, got one that needs ${needs(name, dataset)}. ${oneOf(name, [...allowed])}`,
      );
  return new Set(asked ?? allowed);
}

function measuresOf(
  dataset: Dataset,
  { features, discriminator, labels }: MeasuringMeans,
): readonly MeasureName[] {
  if (isDistribution(dataset) || dataset.kind === 'points') return measuresOfPoints(dataset, discriminator);
  if (features) return imageMeasures.filter((name) => !ofClasses.includes(name));
  if (!dataset.train.labels) return withoutFeatures;
  return labels ? imageMeasures : imageMeasures.filter((name) => name !== 'classAccuracy');
}

function needs(name: MeasureName, { kind }: Dataset): string {
  if (kind === 'points')
    return (imageMeasures as readonly string[]).includes(name)
      ? 'images'
      : 'a known density, modes, a table of several columns, or the discriminator of a run';
  if (!(imageMeasures as readonly string[]).includes(name)) return 'points';
  if (name === 'classAccuracy') return 'a run that learned the classes of this data';
  return 'labels to learn features from, or --features FILE.onnx';
}

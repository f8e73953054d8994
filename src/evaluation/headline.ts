import { ConfigError } from '../errors.ts';
import { oneOf } from '../nearest-name.ts';
import type { Evaluation, MeasureName } from './evaluation.ts';

/** The one number of a measure that a curve shows, and which way is better. */
interface Headline {
  readonly better: 'higher' | 'lower';
  /** undefined where it was not measured. */
  of(evaluation: Partial<Evaluation>): number | undefined;
}

const headlines: { readonly [K in MeasureName]: Headline } = {
  twoSample: { better: 'lower', of: ({ twoSample }) => twoSample?.jsd },
  frechet: { better: 'lower', of: ({ frechet }) => frechet?.value },
  kernel: { better: 'lower', of: ({ kernel }) => kernel?.value },
  precision: { better: 'higher', of: ({ precision }) => precision?.value },
  recall: { better: 'higher', of: ({ recall }) => recall?.value },
  density: { better: 'higher', of: ({ density }) => density?.value },
  coverage: { better: 'higher', of: ({ coverage }) => coverage?.value },
  // How far the class histogram is from the data's: a count of classes would not move for most of a run.
  modes: { better: 'lower', of: ({ modes }) => modes?.totalVariation },
  classAccuracy: { better: 'higher', of: ({ classAccuracy }) => classAccuracy?.value },
  inceptionScore: { better: 'higher', of: ({ inceptionScore }) => inceptionScore?.value },
  neighbours: { better: 'higher', of: ({ neighbours }) => neighbours?.medianDistanceRatio },
  parzen: { better: 'higher', of: ({ parzen }) => parzen?.logLikelihood },
  jsd: { better: 'lower', of: ({ jsd }) => jsd?.value },
  kl: { better: 'lower', of: ({ kl }) => kl?.dataToModel },
  columns: { better: 'lower', of: ({ columns }) => columns?.value },
  associations: { better: 'lower', of: ({ associations }) => associations?.value },
  discriminator: { better: 'lower', of: ({ discriminator }) => discriminator?.value },
  modesCovered: { better: 'higher', of: ({ modesCovered }) => modesCovered?.value },
  highQualityFraction: { better: 'higher', of: ({ highQualityFraction }) => highQualityFraction?.value },
};

/** The number of each measure that was made, for a curve: `parzen` its log-likelihood, `modes` its total variation, ... */
export function headlineValues(evaluation: Partial<Evaluation>): Readonly<Record<string, number>> {
  const values = Object.entries(headlines).map(([name, { of }]) => [name, of(evaluation)] as const);
  return Object.fromEntries(values.filter((entry): entry is [MeasureName, number] => entry[1] !== undefined));
}

/** Which way a measure is better; undefined for what is no measure. */
export function betterDirection(name: string): 'higher' | 'lower' | undefined {
  return Object.hasOwn(headlines, name) ? headlines[name as MeasureName].better : undefined;
}

/**
 * Whether one value of a measure is better than another.
 *
 * @throws ConfigError for an unknown measure
 */
export function isBetter(name: string, value: number, than: number): boolean {
  const better = betterDirection(name);
  if (!better)
    throw new ConfigError(`--best: unknown measure ${name}. ${oneOf(name, Object.keys(headlines))}`);
  return better === 'higher' ? value > than : value < than;
}

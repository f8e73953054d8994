import type { FiniteDataset } from '../../data/dataset.ts';
import { cachedNetworkPath, loadNetwork } from '../../learned/disk/load-network.ts';
import {
  INPAINTER_DEFAULTS,
  INPAINTER_RECIPE,
  type Inpainter,
  type InpainterOptions,
  trainInpainter,
} from '../train-inpainter.ts';

/** What `loadInpainter` needs besides the data. */
export interface LoadInpainterOptions extends InpainterOptions {
  /** Default `cacheFolder()`. */
  readonly cacheDir?: string | undefined;
  /** One line for people: that an inpainter is trained, that a file was damaged, that the cache cannot be written. */
  readonly onNotice?: ((message: string) => void) | undefined;
}

/** The file that the inpainter of a data set is kept in. */
function inpainterPath(
  dataset: Pick<FiniteDataset, 'name' | 'fingerprint'>,
  {
    seed = INPAINTER_DEFAULTS.seed,
    steps = INPAINTER_DEFAULTS.steps,
    energyWeight = INPAINTER_DEFAULTS.energyWeight,
  }: Pick<InpainterOptions, 'seed' | 'steps' | 'energyWeight'> = {},
  cacheDir?: string,
): string {
  const rest = `recipe${INPAINTER_RECIPE}-seed${seed}-steps${steps}-energy${energyWeight}`;
  return cachedNetworkPath('inpainters', dataset, rest, cacheDir);
}

/**
 * The inpainter of a data set: from the cache, else trained (`trainInpainter`) and put there, as `loadNetwork` says. A file
 * counts only for the fingerprint of the data that it was trained on.
 *
 * @throws as `trainInpainter`
 */
export function loadInpainter(
  dataset: FiniteDataset,
  { cacheDir, onNotice, ...options }: LoadInpainterOptions,
): Promise<Inpainter> {
  return loadNetwork<Inpainter>({
    path: inpainterPath(dataset, options, cacheDir),
    content: 'inpainter',
    of: dataset.name,
    isFor: ({ fingerprint }) => fingerprint === dataset.fingerprint,
    train: () => trainInpainter(dataset, options),
    onNotice,
  });
}

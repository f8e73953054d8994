import { type Dataset, isDistribution } from '../../data/dataset.ts';
import { loadDataset } from '../../data/disk/load-dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { DataError } from '../../errors.ts';
import { elementCount } from '../../graph/tensor.ts';
import type { TrainedGenerator } from '../../train/disk/trained-generator.ts';
import { inSampleSpace } from '../../train/sample-space.ts';
import { withHeldOut } from '../held-out.ts';

/** Which data a generator is looked at beside, and where to find it. */
export interface RunDataRequest {
  /** A named set or a path. Default: the data of the run. */
  readonly data?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
  readonly onLoad?: ((event: LoadEvent) => void) | undefined;
}

/**
 * The data that a generator learned, or other data to look at it beside: with examples that stand in for held-out ones
 * where it has none, images as the generator's samples come out.
 *
 * @param caller - the command that an error names
 * @param generator - absent where samples are of another program; `data` is then named
 * @throws DataError where the data is not what the run learned, or has examples of another shape; as `loadDataset`
 */
export async function openRunData(
  caller: string,
  { data, dataDir, onLoad, onNotice }: RunDataRequest,
  generator: TrainedGenerator | undefined,
): Promise<Dataset> {
  const dataset = await loadDataset(data ?? generator!.record.config.data, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(onLoad ? { onProgress: onLoad } : {}),
  });
  const learned = generator?.record.dataset;
  if (learned && elementCount(learned.exampleShape) !== elementCount(dataset.exampleShape))
    throw new DataError(
      `${caller}: data must have examples of shape [${learned.exampleShape.join(', ')}], as the run ${generator.paths.folder} draws them, got [${dataset.exampleShape.join(', ')}] of ${dataset.name}`,
    );
  if (learned && data === undefined && learned.fingerprint !== dataset.fingerprint)
    throw new DataError(
      `${caller}: ${dataset.name} must be the data that ${generator.paths.folder} learned (fingerprint ${learned.fingerprint.slice(0, 12)}), got ${dataset.fingerprint.slice(0, 12)}. Name other data with --data`,
    );
  // Networks of contrast-normalised images forget brightness and contrast: real images are shown alike.
  if (isDistribution(dataset)) return dataset;
  const { dataset: whole, notice } = withHeldOut(dataset);
  if (notice !== undefined) onNotice?.(notice);
  return generator && dataset.kind === 'images' ? inSampleSpace(whole, generator.game.examples.range) : whole;
}

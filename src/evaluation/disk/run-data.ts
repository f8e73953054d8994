import { type Dataset, isDistribution, trainingCount } from '../../data/dataset.ts';
import { isImageFolder, loadDataset } from '../../data/disk/load-dataset.ts';
import type { LoadEvent } from '../../data/disk/load-options.ts';
import { isTableFile } from '../../data/disk/table-file.ts';
import type { ImageReading } from '../../data/image-reading.ts';
import type { TableReading } from '../../data/table/infer-columns.ts';
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
  /** How a folder of images is read. Default: as the run read its own, else so that examples have the shape of its samples. */
  readonly images?: Partial<ImageReading> | undefined;
  /** How the columns of a table are read. Default: as the run read its own. */
  readonly table?: TableReading | undefined;
  /** Images as networks are fed with them, not as samples come out. Default false. */
  readonly asFed?: boolean | undefined;
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
  { data, dataDir, images, table, asFed, onLoad, onNotice }: RunDataRequest,
  generator: TrainedGenerator | undefined,
): Promise<Dataset> {
  const path = data ?? generator!.record.config.data;
  const reading = images ?? (generator && isImageFolder(path) ? readingOf(generator) : undefined);
  const columns = table ?? (isTableFile(path) ? generator?.record.config.table : undefined);
  const dataset = await loadDataset(path, {
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(reading ? { images: reading } : {}),
    ...(columns ? { table: columns } : {}),
    ...(onLoad ? { onProgress: onLoad } : {}),
  });
  const learned = generator?.record.dataset;
  if (learned && elementCount(learned.exampleShape) !== elementCount(dataset.exampleShape))
    throw new DataError(
      `${caller}: data must have examples of shape [${learned.exampleShape.join(', ')}], as the run ${generator.paths.folder} draws them, got [${dataset.exampleShape.join(', ')}] of ${dataset.name}`,
    );
  if (learned && (data === undefined || learned.table) && learned.fingerprint !== dataset.fingerprint)
    throw new DataError(
      `${caller}: ${dataset.name} must be the data that ${generator.paths.folder} learned (fingerprint ${learned.fingerprint.slice(0, 12)}), got ${dataset.fingerprint.slice(0, 12)}. ${learned.table ? 'Its samples are in the units of that table' : 'Name other data with --data'}`,
    );
  // Networks of contrast-normalised images forget brightness and contrast: real images are shown alike.
  if (isDistribution(dataset)) return dataset;
  if (dataset.train.count < trainingCount(dataset))
    onNotice?.(
      `of the ${trainingCount(dataset)} training images of ${dataset.name}, ${dataset.train.count} that are chosen at random are compared with: as many as fit into 64 MiB`,
    );
  const { dataset: whole, notice } = withHeldOut(dataset);
  if (notice !== undefined) onNotice?.(notice);
  return generator && !asFed && dataset.kind === 'images'
    ? inSampleSpace(whole, generator.game.examples.range)
    : whole;
}

/** How a folder is read so that its images are like a generator's samples. */
function readingOf({ record: { config, dataset } }: TrainedGenerator): Partial<ImageReading> | undefined {
  if (config.images) return config.images;
  const [channels, height, width] = dataset.exampleShape;
  const fits = dataset.kind === 'images' && height === width && (channels === 1 || channels === 3);
  return fits ? { size: height!, channels } : undefined;
}

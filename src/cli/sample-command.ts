import { extname, join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import type { Table } from '../data/table/table.ts';
import { decodeRows } from '../data/table/table-rows.ts';
import { ConfigError } from '../errors.ts';
import { bytesOf, elementCount, type Tensor } from '../graph/tensor.ts';
import { encodeCsv } from '../io/csv.ts';
import { encodeNpyHeader } from '../io/npy.ts';
import { encodePng } from '../io/png.ts';
import { openSession } from '../runtime/node-session.ts';
import { replaceFile } from '../train/disk/replace-file.ts';
import { toBytes } from '../train/disk/sample-sheet.ts';
import { readTrainedGenerator, type TrainedGenerator } from '../train/disk/trained-generator.ts';
import { drawSamples } from '../train/draw-samples.ts';
import type { CommandStreams } from './load-progress.ts';
import { count, uint32 } from './number-arguments.ts';
import { samplePicture } from './sample-picture.ts';

/** What the flags say. */
interface SampleFlags {
  readonly count?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly checkpoint?: number;
  readonly rawWeights?: true;
  readonly json?: true;
}

/** A picture is held in memory as a whole, and nobody looks at more. */
const MOST_IMAGES = 10_000;

type Format = '.png' | '.npy' | '.csv';

function formatOf(path: string): Format {
  const extension = extname(path).toLowerCase();
  if (extension === '.png' || extension === '.npy' || extension === '.csv') return extension;
  throw new ConfigError(
    `sample: --out must end in .png (a picture), .npy (an array) or .csv (rows of a table), got ${path}`,
  );
}

/** Pixels as bytes, points as they are. */
function asStored(samples: Tensor<'float32'>, isImages: boolean): Tensor<'uint8'> | Tensor<'float32'> {
  if (!isImages) return samples;
  return { dtype: 'uint8', shape: samples.shape, data: toBytes(samples.data) };
}

/** What the array is: uint8 [N, H, W] (grey) or [N, C, H, W], float32 [N, d] in the data's units. */
function storedType({ kind, exampleShape }: TrainedGenerator['record']['dataset'], n: number) {
  const isGrey = kind === 'images' && exampleShape[0] === 1;
  return {
    dtype: kind === 'images' ? ('uint8' as const) : ('float32' as const),
    shape: [n, ...(isGrey ? exampleShape.slice(1) : exampleShape)],
  };
}

async function* npyPieces(
  header: Pick<Tensor, 'dtype' | 'shape'>,
  batches: AsyncIterable<Tensor>,
): AsyncGenerator<Uint8Array> {
  yield encodeNpyHeader(header);
  for await (const batch of batches) yield bytesOf(batch);
}

async function* csvPieces(
  table: Table,
  batches: AsyncIterable<Tensor<'float32'>>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(encodeCsv([table.columns.map(({ name }) => name)]));
  for await (const { data } of batches) yield encoder.encode(encodeCsv(decodeRows(table, data)));
}

async function pictureOf(
  n: number,
  dataset: TrainedGenerator['record']['dataset'],
  batches: AsyncIterable<Tensor>,
): Promise<Uint8Array> {
  const size = elementCount(dataset.exampleShape);
  const shape = [n, ...dataset.exampleShape];
  const all: Tensor<'uint8'> | Tensor<'float32'> =
    dataset.kind === 'images'
      ? { dtype: 'uint8', shape, data: new Uint8Array(n * size) }
      : { dtype: 'float32', shape, data: new Float32Array(n * size) };
  let first = 0;
  for await (const { data } of batches) {
    all.data.set(data as typeof all.data, first);
    first += data.length;
  }
  return encodePng(samplePicture(all, dataset));
}

async function sample(streams: CommandStreams, run: string, flags: SampleFlags): Promise<void> {
  const asked = flags.out === undefined ? undefined : formatOf(flags.out);
  const generator = await readTrainedGenerator(run, { step: flags.checkpoint });
  const { paths, record, game, step, variables } = generator;
  const { dataset } = record;
  const isImages = dataset.kind === 'images';
  const { table } = dataset;
  const format = asked ?? (table ? '.csv' : '.png');
  if (format === '.csv' && !table)
    throw new ConfigError(
      `sample: --out must end in .png or .npy for a run on ${dataset.name}, which is no table, got ${flags.out}`,
    );
  const { count: n = isImages ? 100 : table ? 1000 : 2500, seed = record.config.seed } = flags;
  if (format === '.png' && isImages && n > MOST_IMAGES)
    throw new ConfigError(
      `sample: a picture must hold at most ${MOST_IMAGES} images, got ${n}. Use --out FILE.npy`,
    );
  const averaged = game.averageDecay !== undefined && !flags.rawWeights;
  const weights = averaged ? 'average' : 'last';
  const path =
    flags.out ??
    join(paths.folder, `samples-step-${step}-seed-${seed}${flags.rawWeights ? '-raw' : ''}${format}`);

  const session = await openSession();
  try {
    if (session.notice !== undefined) streams.stderr.write(`${session.notice}\n`);
    const drawn = drawSamples(game, variables, { session, count: n, seed, averaged });
    const batches = (async function* () {
      for await (const batch of drawn) yield asStored(batch, isImages);
    })();
    const content =
      format === '.csv'
        ? csvPieces(table!, drawn)
        : format === '.npy'
          ? npyPieces(storedType(dataset, n), batches)
          : await pictureOf(n, dataset, batches);
    await replaceFile('sample', path, content);
  } finally {
    await session.release();
  }
  const facts = { path, count: n, step, seed, weights, ...(format === '.npy' ? storedType(dataset, n) : {}) };
  streams.stdout.write(
    flags.json
      ? `${JSON.stringify(facts)}\n`
      : `${path}: ${n} samples of step ${step}, seed ${seed}${averaged ? ', averaged weights' : ''}\n`,
  );
}

/**
 * `zerosum sample RUN`: samples of any run as a picture or an array, without its data.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError, DataError or ExecutionError
 */
export function sampleCommand(streams: CommandStreams = process): Command {
  const command = new Command('sample')
    .description('draw samples from a trained generator')
    .argument('<run>', 'a run folder, or the name of one under runs/')
    .option('-n, --count <n>', 'how many (default: 100 images, 2500 points, 1000 rows of a table)', count)
    .option('--seed <n>', "of the latent vectors (default: the run's own seed)", uint32)
    .option(
      '--out <file>',
      'FILE.png, FILE.npy or FILE.csv (default: samples-step-N-seed-N.png or .csv in the run folder)',
    )
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--raw-weights', 'the weights as they are, not their moving average')
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
A .npy file holds uint8 [N, H, W] (grey) or [N, C, H, W] for images, float32 [N, d] in the data's units for points.
A .csv file holds the rows of a table as it was read; a .npy file of them, standardised numbers and ones for categories.
The first samples of a seed do not depend on how many are drawn.

Examples:
  $ zerosum sample digits-1
  $ zerosum sample digits-1 -n 400 --seed 7 --out sheet.png
  $ zerosum sample runs/ring8-1 -n 100000 --out points.npy
  $ zerosum sample table-1 -n 1000 --out rows.csv
  $ zerosum sample digits-1 --checkpoint 1000 --raw-weights --out early.png`,
    )
    .action((run, flags) => sample(streams, run, flags));
  return command as unknown as Command;
}

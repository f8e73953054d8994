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
import type { Session } from '../runtime/session.ts';
import { CLASS_SHEET_COLUMNS, classSheet } from '../train/class-sheet.ts';
import { askedClasses, classNamesOf } from '../train/disk/asked-classes.ts';
import { replaceFile } from '../train/disk/replace-file.ts';
import { toBytes } from '../train/disk/sample-sheet.ts';
import { readTrainedGenerator, type TrainedGenerator } from '../train/disk/trained-generator.ts';
import { drawSamples, samplesAt } from '../train/draw-samples.ts';
import { listOfNames } from './list-argument.ts';
import type { CommandStreams } from './load-progress.ts';
import { count, uint32 } from './number-arguments.ts';
import { samplePicture } from './sample-picture.ts';

/** What the flags say. */
interface SampleFlags {
  readonly count?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly label?: readonly string[];
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
  columns?: number,
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
  return encodePng(samplePicture(all, dataset, columns));
}

/** Samples of a run at once, so that memory does not grow with the count. */
const BATCH = 1000;

/** Rows of one class each, the same z in all of them. */
async function* drawByClass(
  { game, variables }: TrainedGenerator,
  session: Session,
  {
    seed,
    averaged,
    ...layout
  }: { rows: readonly number[]; columns: number; seed: number; averaged: boolean },
): AsyncGenerator<Tensor<'float32'>, void, undefined> {
  const { z, classes } = classSheet(game, seed, { ...layout, stream: 'sample/latent' });
  const [count, size] = z.shape as readonly [number, number];
  for (let first = 0; first < count; first += BATCH) {
    const last = Math.min(first + BATCH, count);
    const part = { ...z, shape: [last - first, size], data: z.data.slice(first * size, last * size) };
    yield samplesAt(game, variables, part, { session, averaged, classes: classes.subarray(first, last) });
  }
}

async function sample(streams: CommandStreams, run: string, flags: SampleFlags): Promise<void> {
  const ending = flags.out === undefined ? undefined : formatOf(flags.out);
  const generator = await readTrainedGenerator(run, { step: flags.checkpoint });
  const { paths, record, game, step, variables } = generator;
  const { dataset } = record;
  const isImages = dataset.kind === 'images';
  const { table } = dataset;
  const format = ending ?? (table ? '.csv' : '.png');
  if (format === '.csv' && !table)
    throw new ConfigError(
      `sample: --out must end in .png or .npy for a run on ${dataset.name}, which is no table, got ${flags.out}`,
    );
  const asked = askedClasses(generator, flags.label);
  const names = classNamesOf(generator);
  // A picture of several classes shows each in a row of its own, the same z down each column.
  const rows =
    game.labels && isImages && format === '.png' && asked?.length !== 1
      ? (asked ?? names.map((_, i) => i))
      : undefined;
  const usual = rows ? rows.length * CLASS_SHEET_COLUMNS : isImages ? 100 : table ? 1000 : 2500;
  const { count: n = usual, seed = record.config.seed } = flags;
  if (rows && n % rows.length !== 0)
    throw new ConfigError(
      `sample: --count must be a multiple of ${rows.length} for a picture with a row for each class, got ${n}. Use -n ${Math.ceil(n / rows.length) * rows.length}, or --out FILE.npy`,
    );
  if (format === '.png' && isImages && n > MOST_IMAGES)
    throw new ConfigError(
      `sample: a picture must hold at most ${MOST_IMAGES} images, got ${n}. Use --out FILE.npy`,
    );
  const averaged = game.averageDecay !== undefined && !flags.rawWeights;
  const weights = averaged ? 'average' : 'last';
  const path =
    flags.out ??
    join(
      paths.folder,
      `samples-step-${step}-seed-${seed}${asked ? `-class-${asked.join('-')}` : ''}${flags.rawWeights ? '-raw' : ''}${format}`,
    );

  const session = await openSession();
  try {
    if (session.notice !== undefined) streams.stderr.write(`${session.notice}\n`);
    const drawn = rows
      ? drawByClass(generator, session, { rows, columns: n / rows.length, seed, averaged })
      : drawSamples(game, variables, {
          session,
          count: n,
          seed,
          averaged,
          ...(asked ? { classes: Uint8Array.from({ length: n }, (_, i) => asked[i % asked.length]!) } : {}),
        });
    const batches = (async function* () {
      for await (const batch of drawn) yield asStored(batch, isImages);
    })();
    const content =
      format === '.csv'
        ? csvPieces(table!, drawn)
        : format === '.npy'
          ? npyPieces(storedType(dataset, n), batches)
          : await pictureOf(n, dataset, batches, rows && n / rows.length);
    await replaceFile('sample', path, content);
  } finally {
    await session.release();
  }
  const shown = (rows ?? asked)?.map((label) => names[label]!);
  const facts = {
    path,
    count: n,
    step,
    seed,
    weights,
    ...(shown ? { classes: shown } : {}),
    ...(format === '.npy' ? storedType(dataset, n) : {}),
  };
  const ofClasses = !shown
    ? ''
    : rows
      ? `, a class a row: ${shown.join(', ')}`
      : `, of class ${shown.join(', ')}${shown.length > 1 ? ' in turn' : ''}`;
  streams.stdout.write(
    flags.json
      ? `${JSON.stringify(facts)}\n`
      : `${path}: ${n} samples of step ${step}, seed ${seed}${averaged ? ', averaged weights' : ''}${ofClasses}\n`,
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
    .option(
      '--label <a,b,...>',
      'of which classes, by name or number (default: drawn uniformly; a picture shows a class a row)',
      listOfNames,
    )
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--raw-weights', 'the weights as they are, not their moving average')
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
A .npy file holds uint8 [N, H, W] (grey) or [N, C, H, W] for images, float32 [N, d] in the data's units for points.
A .csv file holds the rows of a table as it was read; a .npy file of them, standardised numbers and ones for categories.
Of a run that learned classes (labels in its config), --label 3,5 makes an array of classes 3, 5, 3, 5 ... in turn.
The first samples of a seed do not depend on how many are drawn.

Examples:
  $ zerosum sample digits-1
  $ zerosum sample digits-1 -n 400 --seed 7 --out sheet.png
  $ zerosum sample runs/ring8-1 -n 100000 --out points.npy
  $ zerosum sample table-1 -n 1000 --out rows.csv
  $ zerosum sample mnist-1 --label 7
  $ zerosum sample mnist-1 --label 3,5 --out threes-and-fives.png
  $ zerosum sample digits-1 --checkpoint 1000 --raw-weights --out early.png`,
    )
    .action((run, flags) => sample(streams, run, flags));
  return command as unknown as Command;
}

import { extname, join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ConfigError } from '../errors.ts';
import type { Tensor } from '../graph/tensor.ts';
import { encodeGif } from '../io/gif.ts';
import type { Image } from '../io/image.ts';
import { encodePng } from '../io/png.ts';
import { sheet } from '../io/sheet.ts';
import { openSession } from '../runtime/node-session.ts';
import type { Session } from '../runtime/session.ts';
import { askedClasses, classNamesOf } from '../train/disk/asked-classes.ts';
import { replaceFile } from '../train/disk/replace-file.ts';
import { toBytes } from '../train/disk/sample-sheet.ts';
import { readTrainedGenerator, type TrainedGenerator } from '../train/disk/trained-generator.ts';
import { samplesAt } from '../train/draw-samples.ts';
import { latentPaths, latentWalk } from '../train/latent-path.ts';
import { listOfNames } from './list-argument.ts';
import type { CommandStreams } from './load-progress.ts';
import { count, uint32 } from './number-arguments.ts';

interface InterpolateFlags {
  readonly out?: string;
  readonly rows?: number;
  readonly columns?: number;
  readonly seed?: number;
  readonly label?: readonly string[];
  readonly checkpoint?: number;
  readonly rawWeights?: true;
  readonly json?: true;
}

/** Steps between two ends of a picture; images along each edge of an animation. */
const [COLUMNS, EDGE] = [10, 5];
/** An animation visits so many vectors, in so many frames each: slow enough to watch one digit become another. */
const [CORNERS, FRAMES_BETWEEN, FRAME_MS] = [5, 12, 80];

function imageSheet({ shape, data }: Tensor<'float32'>, columns: number): Image {
  const [n, c, h, w] = shape as readonly [number, number, number, number];
  return sheet(toBytes(data), [n, c, h, w], { columns, scale: Math.max(1, Math.round(56 / h)) });
}

async function interpolate(streams: CommandStreams, run: string, flags: InterpolateFlags): Promise<void> {
  const generator = await readTrainedGenerator(run, { step: flags.checkpoint });
  const { record, paths, step } = generator;
  if (record.dataset.kind !== 'images')
    throw new ConfigError(
      `interpolate: the run must draw images, got ${record.dataset.name}, whose examples are points. See them with zerosum sample ${run}`,
    );
  const { seed = record.config.seed } = flags;
  const path = flags.out ?? join(paths.folder, `interpolation-step-${step}-seed-${seed}.png`);
  const extension = extname(path).toLowerCase();
  if (extension !== '.png' && extension !== '.gif')
    throw new ConfigError(
      `interpolate: --out must end in .png (a picture) or .gif (an animation), got ${path}`,
    );
  const asked = askedClasses(generator, flags.label);
  const names = classNamesOf(generator);
  const labels = generator.game.labels && (asked ?? names.map((_, label) => label));
  const session = await openSession();
  try {
    if (session.notice !== undefined) streams.stderr.write(`${session.notice}\n`);
    const bytes =
      extension === '.png'
        ? await picture(generator, session, seed, { ...flags, labels })
        : await animation(generator, session, seed, { ...flags, labels });
    await replaceFile('interpolate', path, bytes);
  } finally {
    await session.release();
  }
  const shown = labels?.map((label) => names[label]!);
  streams.stdout.write(
    flags.json
      ? `${JSON.stringify({ path, step, seed, ...(shown ? { classes: shown } : {}) })}\n`
      : `${path}: straight lines in z space, step ${step}, seed ${seed}${shown ? `, of class ${shown.join(', ')}${shown.length > 1 ? ' in turn' : ''}` : ''}\n`,
  );
}

interface PathFlags extends InterpolateFlags {
  /** Of a run with labels: the classes that its lines are of, in turn. */
  readonly labels: readonly number[] | undefined;
}

/** So many images of each class, class after class, so many times: uint8 [times * images]. */
function classesInTurn(labels: readonly number[], times: number, images: number): Uint8Array {
  return Uint8Array.from(
    { length: times * images },
    (_, i) => labels[Math.floor(i / images) % labels.length]!,
  );
}

async function picture(
  { game, variables }: TrainedGenerator,
  session: Session,
  seed: number,
  { rows = COLUMNS, columns = COLUMNS, rawWeights, labels }: PathFlags,
): Promise<Uint8Array> {
  const z = latentPaths(game, { seed, paths: rows, points: columns });
  // A line keeps its class: what changes along it is z alone.
  const classes = labels && classesInTurn(labels, rows, columns);
  const options = { session, ...(rawWeights ? { averaged: false } : {}), ...(classes ? { classes } : {}) };
  return encodePng(imageSheet(await samplesAt(game, variables, z, options), columns));
}

async function animation(
  { game, variables }: TrainedGenerator,
  session: Session,
  seed: number,
  { rows = EDGE, columns = EDGE, rawWeights, labels }: PathFlags,
): Promise<Uint8Array> {
  const walk = latentWalk(game, {
    seed,
    walkers: rows * columns,
    corners: CORNERS,
    frames: CORNERS * FRAMES_BETWEEN,
  });
  const classes = labels && classesInTurn(labels, rows * columns, 1);
  const options = { session, ...(rawWeights ? { averaged: false } : {}), ...(classes ? { classes } : {}) };
  const frames: Image[] = [];
  for (const z of walk) frames.push(imageSheet(await samplesAt(game, variables, z, options), columns));
  return encodeGif(frames, FRAME_MS);
}

/**
 * `zerosum interpolate RUN`: how one sample becomes another along a straight line in z space, as a picture or an animation.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError, DataError or ExecutionError
 */
export function interpolateCommand(streams: CommandStreams = process): Command {
  const command = new Command('interpolate')
    .description('how samples become one another along straight lines in z space')
    .argument('<run>', 'a run folder, or the name of one under runs/')
    .option(
      '--out <file>',
      'FILE.png, or FILE.gif (default: interpolation-step-N-seed-N.png in the run folder)',
    )
    .option('--rows <n>', 'lines of a picture, or rows of an animation (default: 10, or 5)', count)
    .option('--columns <n>', 'steps of a line, or columns of an animation (default: 10, or 5)', count)
    .option('--seed <n>', "of the latent vectors (default: the run's own seed)", uint32)
    .option(
      '--label <a,b,...>',
      'classes of the lines, by name or number (default: all in turn)',
      listOfNames,
    )
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--raw-weights', 'the weights as they are, not their moving average')
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
Examples:
  $ zerosum interpolate digits-1
  $ zerosum interpolate digits-1 --out walk.gif --seed 7
  $ zerosum interpolate mnist-1 --label 7
  $ zerosum interpolate runs/mnist-1 --rows 4 --columns 12 --out figure3.png`,
    )
    .action((run, flags) => interpolate(streams, run, flags));
  return command as unknown as Command;
}

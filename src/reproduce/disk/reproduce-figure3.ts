import { join } from 'node:path';
import { ConfigError } from '../../errors.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { encodeGif } from '../../io/gif.ts';
import type { Image } from '../../io/image.ts';
import { encodePng } from '../../io/png.ts';
import { sheet } from '../../io/sheet.ts';
import { openSession } from '../../runtime/node-session.ts';
import { replaceFile } from '../../train/disk/replace-file.ts';
import { toBytes } from '../../train/disk/sample-sheet.ts';
import { readTrainedGenerator } from '../../train/disk/trained-generator.ts';
import { samplesAt } from '../../train/draw-samples.ts';
import { latentPaths } from '../../train/latent-path.ts';
import { makeFolder } from './figure-files.ts';
import { type ReproducedRun, reproducedRun, trainingSeconds } from './reproduced-run.ts';

/** What `reproduceFigure3` needs. */
export interface Figure3Options
  extends Pick<ReproducedRun, 'stop' | 'dataDir' | 'threads' | 'signal' | 'onLoad' | 'log'> {
  /** Default `mnist`. */
  readonly preset?: string | undefined;
  /** A run that is trained already, in the place of training one. */
  readonly run?: string | undefined;
  readonly out: string;
}

/** What was made. */
export interface Figure3 {
  readonly preset: string;
  readonly seed: number;
  readonly step: number;
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly lines: number;
  readonly points: number;
}

/** The paper shows two lines from digit to digit; six here, so that nobody has to trust a choice. */
const [LINES, POINTS] = [6, 12];
const FRAME_MS = 90;

/**
 * Figure 3: digits along straight lines in z space, `figure3.png`; there and back as an animation, `figure3.gif`.
 *
 * @throws ConfigError where the run draws no images; as `reproducedRun`
 */
export async function reproduceFigure3(options: Figure3Options): Promise<Figure3> {
  const { out, preset = 'mnist', log } = options;
  await makeFolder('reproduce figure3', out);
  const folder = options.run ?? join(out, 'run');
  if (options.run === undefined) await reproducedRun({ ...options, folder, preset });
  const { game, variables, step, record, paths } = await readTrainedGenerator(folder);
  if (record.dataset.kind !== 'images')
    throw new ConfigError(`reproduce figure3: the run must draw images, got ${record.dataset.name}`);
  const session = await openSession({ device: 'cpu', threads: options.threads });
  try {
    log('samples along straight lines');
    const { seed } = record.config;
    const z = latentPaths(game, { seed, paths: LINES, points: POINTS });
    const samples = await samplesAt(game, variables, z, { session });
    const result: Figure3 = {
      preset: record.config.preset,
      seed,
      step,
      seconds: await trainingSeconds(paths),
      versions: record.versions,
      lines: LINES,
      points: POINTS,
    };
    await replaceFile('reproduce figure3', join(out, 'figure3.png'), encodePng(lines(samples)));
    await replaceFile('reproduce figure3', join(out, 'figure3.gif'), encodeGif(frames(samples), FRAME_MS));
    await replaceFile(
      'reproduce figure3',
      join(out, 'figure3.json'),
      `${JSON.stringify(result, undefined, 2)}\n`,
    );
    return result;
  } finally {
    await session.release();
  }
}

function lines({ shape, data }: Tensor<'float32'>): Image {
  const [n, c, h, w] = shape as readonly [number, number, number, number];
  return sheet(toBytes(data), [n, c, h, w], { columns: POINTS, scale: 2 });
}

/** One frame a point, all lines beside each other, there and back. */
function frames({ shape, data }: Tensor<'float32'>): Image[] {
  const [, c, h, w] = shape as readonly [number, number, number, number];
  const size = c * h * w;
  const there = Array.from({ length: POINTS }, (_, point) => {
    const images = new Float32Array(LINES * size);
    for (let line = 0; line < LINES; line++) {
      const first = (line * POINTS + point) * size;
      images.set(data.subarray(first, first + size), line * size);
    }
    return sheet(toBytes(images), [LINES, c, h, w], { columns: LINES, scale: 3 });
  });
  return [...there, ...there.slice(1, -1).reverse()];
}

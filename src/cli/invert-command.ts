import { extname } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ConfigError } from '../errors.ts';
import { type InversionResult, invertRun } from '../inference/disk/invert-run.ts';
import { inversionText, routeNames } from '../inference/inversion-text.ts';
import { routes } from '../inference/reconstruction.ts';
import { type CommandStreams, loadProgress } from './load-progress.ts';
import { dataDirFlag, threadsFlag } from './machine-flags.ts';
import { count, uint32 } from './number-arguments.ts';
import { stepProgress } from './step-progress.ts';

function requireExtension(flag: string, path: string | undefined, extension: string): void {
  if (path !== undefined && extname(path).toLowerCase() !== extension)
    throw new ConfigError(`invert: ${flag} must end in ${extension}, got ${path}`);
}

function textOf({ measured, files, sheet, latents }: InversionResult): string {
  const lines = files?.map(
    ({ path, errors }) =>
      `${path}: ${routes.map((route) => `${routeNames[route]} ${errors[route].toPrecision(3)}`).join(', ')}`,
  );
  return [
    measured ? inversionText(measured) : `squared error of a pixel\n${lines!.join('\n')}\n`,
    `${sheet}: original, ${routes.map((route) => routeNames[route]).join(', ')}`,
    ...(latents === undefined ? [] : [`${latents}: z of the search from the encoder`]),
    '',
  ].join('\n');
}

/**
 * `zerosum invert RUN [images]`: which z an image has, by an encoder and by a search.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError, DataError or ExecutionError
 */
export function invertCommand(streams: CommandStreams = process): Command {
  const command = new Command('invert')
    .description('which z an image has: an encoder is trained to name it, a search improves on it')
    .argument('<run>', 'a run folder, or the name of one under runs/')
    .argument('[images...]', 'picture files (default: held-out images and samples are measured)')
    .option('--out <file.png>', 'the sheet (default: inversion-step-N.png in the run folder)')
    .option('--latents <file.npy>', 'z of the picture files, float32 [N, latentDim]')
    .option('-n, --count <n>', 'images of each kind that are measured (default: 64)', count)
    .option('--encoder-steps <n>', "iterations of the encoder's training (default: 3000)", count)
    .option('--search-steps <n>', 'iterations of each search (default: 300)', count)
    .option('--seed <n>', "of encoder, samples and starts (default: the run's own seed)", uint32)
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--raw-weights', 'the weights as they are, not their moving average')
    .option(...dataDirFlag)
    .option(...threadsFlag)
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
The encoder is trained once for a checkpoint, on samples alone, and kept in the run folder. Picture files are turned
upright, cropped to a square, resized, and made grey where the run draws grey.

Examples:
  $ zerosum invert digits-1
  $ zerosum invert digits-1 mine.png yours.jpg --out found.png --latents z.npy
  $ zerosum invert mnist-1 -n 256 --search-steps 1000 --json`,
    )
    .action(async (run, images, { json, ...flags }) => {
      requireExtension('--out', flags.out, '.png');
      requireExtension('--latents', flags.latents, '.npy');
      const progress = stepProgress(streams.stderr);
      const result = await invertRun({
        run,
        images,
        ...flags,
        onProgress: progress.step,
        onNotice: progress.say,
        onLoad: loadProgress(streams.stderr),
      });
      progress.end();
      streams.stdout.write(json ? `${JSON.stringify(result)}\n` : textOf(result));
    });
  return command as unknown as Command;
}

import { extname } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { ConfigError } from '../errors.ts';
import { inpaint } from '../inpainting/disk/inpaint.ts';
import { inpaintingText } from '../inpainting/inpainting-text.ts';
import { hiddenParts } from '../inpainting/masks.ts';
import { type CommandStreams, loadProgress } from './load-progress.ts';
import { dataDirFlag, threadsFlag } from './machine-flags.ts';
import { count, uint32 } from './number-arguments.ts';
import { stepProgress } from './step-progress.ts';

/**
 * `zerosum inpaint DATA [images]`: completes images of which a part is hidden, several times each.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError, DataError or ExecutionError
 */
export function inpaintCommand(streams: CommandStreams = process): Command {
  const command = new Command('inpaint')
    .description('one network for all p(x_S | x_not S): completes images of which any part is hidden')
    .argument('<data>', 'what it learns: a named set or a path')
    .argument('[images...]', 'picture files (default: held-out images are completed and measured)')
    .option(
      '--hide <part|file>',
      `${hiddenParts.join(', ')}, or a picture that is white where pixels are hidden (default: right; for measures right, bottom, centre, pixels)`,
    )
    .option('--out <file.png>', 'the sheet (default: completions-NAME.png here)')
    .option('-n, --count <n>', 'held-out images that are measured (default: 1000)', count)
    .option('--draws <n>', 'completions of each (default: 8)', count)
    .option('--steps <n>', 'iterations of training (default: 4000)', count)
    .option('--no-energy', 'the game alone, without the energy score that keeps completions different')
    .option('--seed <n>', 'of training and draws (default: 1)', uint32)
    .option(...dataDirFlag)
    .option(...threadsFlag)
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
The network is trained once for a data set and kept in the cache. A sheet shows, in each row, the original, what is known
of it, the completion of a network that predicts the mean, and draws. Picture files are turned upright, cropped to a
square, resized, and made grey where the data is grey.

Examples:
  $ zerosum inpaint digits
  $ zerosum inpaint mnist --hide bottom -n 200 --out bottom.png
  $ zerosum inpaint mnist mine.png --hide scratch.png --out repaired.png`,
    )
    .action(async (data, images, { json, energy, ...flags }) => {
      if (flags.out !== undefined && extname(flags.out).toLowerCase() !== '.png')
        throw new ConfigError(`inpaint: --out must end in .png, got ${flags.out}`);
      const progress = stepProgress(streams.stderr);
      const result = await inpaint({
        data,
        images,
        ...flags,
        ...(energy ? {} : { energyWeight: 0 }),
        onProgress: progress.step,
        onNotice: progress.say,
        onLoad: loadProgress(streams.stderr),
      });
      progress.end();
      const { measured, sheet } = result;
      const what = 'original, what is known, mean predictor, draws';
      streams.stdout.write(
        json
          ? `${JSON.stringify(result)}\n`
          : `${measured ? `${inpaintingText(measured)}\n` : ''}${sheet}: ${what}\n`,
      );
    });
  return command as unknown as Command;
}

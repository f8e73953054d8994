import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { compareFeatures } from '../semi-supervised/disk/compare-features.ts';
import { semiSupervisedText } from '../semi-supervised/semi-supervised-text.ts';
import { type CommandStreams, loadProgress } from './load-progress.ts';
import { dataDirFlag, threadsFlag } from './machine-flags.ts';
import { count, uint32 } from './number-arguments.ts';
import { stepProgress } from './step-progress.ts';

/** `100,1000,all`. @throws InvalidArgumentError for anything else */
function labelCounts(text: string): readonly (number | 'all')[] {
  return text.split(',').map((part) => {
    const trimmed = part.trim();
    if (trimmed === 'all') return trimmed;
    if (/^[1-9]\d*$/.test(trimmed)) return Number(trimmed);
    throw new InvalidArgumentError('It must be whole numbers and all, between commas, such as 100,1000,all.');
  });
}

/**
 * `zerosum features RUN`: what D's features are worth to a classifier that has few labels.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError, DataError or ExecutionError
 */
export function featuresCommand(streams: CommandStreams = process): Command {
  const command = new Command('features')
    .description(
      "semi-supervised learning: a classifier on D's features with few labels, beside one from scratch",
    )
    .argument('<run>', 'a run folder, or the name of one under runs/')
    .option('--labels <n,n,...>', 'how many labels; all: every one (default: 100,1000,all)', labelCounts)
    .option('--seeds <n>', 'how often, with other labels and weights each time (default: 5)', count)
    .option('--data <name|path>', "labelled data to classify (default: the run's own data)")
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--out <file.json>', 'where the numbers go (default: features-step-N.json in the run folder)')
    .option(...dataDirFlag)
    .option(...threadsFlag)
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
D was trained without labels. Five classifiers see the same few: a linear one on D's features, D's layers fine-tuned, the
same network from scratch, a linear one on the features of an untrained D, and a linear one on the pixels.

Examples:
  $ zerosum features digits-1
  $ zerosum features mnist-1 --labels 100,1000 --seeds 10
  $ zerosum features mnist-1 --data fashion-mnist --json`,
    )
    .action(async (run, { json, ...flags }) => {
      const progress = stepProgress(streams.stderr);
      const { comparison, path, figure } = await compareFeatures({
        run,
        ...flags,
        onProgress: progress.step,
        onNotice: progress.say,
        onLoad: loadProgress(streams.stderr),
      });
      progress.end();
      streams.stdout.write(
        json ? `${JSON.stringify(comparison)}\n` : `${semiSupervisedText(comparison)}\n${path}, ${figure}\n`,
      );
    });
  return command as unknown as Command;
}

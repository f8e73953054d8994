import { relative } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { evaluateRun } from '../evaluation/disk/evaluate-run.ts';
import { imageMeasures, pointMeasures } from '../evaluation/evaluation.ts';
import { evaluationText } from '../evaluation/evaluation-text.ts';
import { addImageFlags, imagesOf } from './image-flags.ts';
import { listOfNames } from './list-argument.ts';
import { type CommandStreams, loadProgress } from './load-progress.ts';
import { dataDirFlag, threadsFlag } from './machine-flags.ts';
import { count, uint32 } from './number-arguments.ts';
import { addTableFlags, tableOf } from './table-flags.ts';

/**
 * `zerosum evaluate [RUN]`: whether a generator learned the data, which parts it missed, whether it copied.
 *
 * @param streams - where to write; default the process's own
 * @returns the command, to be added to the program. Its action throws ConfigError, DataError, ShapeError or ExecutionError
 */
export function evaluateCommand(streams: CommandStreams = process): Command {
  const command = new Command('evaluate')
    .description('whether a generator learned the data, what it missed, whether it copied')
    .argument('[run]', 'a run folder, or the name of one under runs/')
    .option(
      '--samples <file>',
      'samples of any program instead of a run: .npy, uint8 or float in [0, 1], [N, ...]; .csv for a table',
    )
    .option('--data <name|path>', "what to measure against (default: the run's own data)")
    .option('--metrics <a,b,...>', 'only these measures', listOfNames)
    .option('-n, --count <n>', 'how many samples (default: 10000)', count)
    .option('--seed <n>', "of samples and random choices (default: the run's own, or 1)", uint32)
    .option('--checkpoint <step>', 'of which step (default: the newest)', uint32)
    .option('--raw-weights', 'the weights as they are, not their moving average')
    .option('--features <file.onnx>', 'an extractor of features (default: a classifier trained on the data)')
    .option('--report <file.html>', 'where the report goes (default: report.html in the run folder)')
    .option(...dataDirFlag)
    .option(...threadsFlag)
    .option('--json', 'one JSON object instead of text')
    .addHelpText(
      'after',
      `
Measures of images: ${imageMeasures.join(', ')}
Measures of points: ${pointMeasures.join(', ')}

Examples:
  $ zerosum evaluate digits-1
  $ zerosum evaluate mnist-1 --metrics parzen,modes --json
  $ zerosum evaluate --samples samples.npy --data mnist --report report.html
  $ zerosum evaluate --samples rows.csv --data people.csv --omit name
  $ zerosum evaluate mnist-1 --features inception.onnx --metrics frechet,kernel`,
    )
    .action(async (run, { json, ...flags }) => {
      const say = (text: string) => streams.stderr.write(text);
      const live = streams.stderr.isTTY ? '\r\u001b[K' : '';
      const { evaluation, report } = await evaluateRun({
        run,
        ...flags,
        images: imagesOf(flags),
        table: tableOf(flags),
        onProgress: (what) => say(streams.stderr.isTTY ? `${live}${what} ...` : `${what} ...\n`),
        onNotice: (message) => say(`${live}${message}\n`),
        onLoad: loadProgress(streams.stderr),
      });
      say(live);
      streams.stdout.write(json ? `${JSON.stringify(evaluation)}\n` : evaluationText(evaluation));
      if (report !== undefined && !json)
        streams.stdout.write(`\nreport: ${relative(process.cwd(), report) || report}\n`);
    });
  addImageFlags(command);
  addTableFlags(command);
  return command as unknown as Command;
}

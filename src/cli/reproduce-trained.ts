import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { figure2Parts, reproduceFigure2 } from '../reproduce/disk/reproduce-figure2.ts';
import { reproduceFigure3 } from '../reproduce/disk/reproduce-figure3.ts';
import { reproduceTable1 } from '../reproduce/disk/reproduce-table1.ts';
import { table1Text } from '../reproduce/table1-text.ts';
import { type CommandStreams, loadProgress } from './load-progress.ts';
import { dataDirFlag, threadsFlag } from './machine-flags.ts';
import { count } from './number-arguments.ts';

const epochsFlag = ['--epochs <n>', 'where to stop, in passes over the data', count] as const;
const stepsFlag = ['--steps <n>', 'where to stop, in steps', count] as const;

/** Results go here unless `--out` says otherwise. */
const ROOT = 'reproductions';

interface TrainingFlags {
  readonly steps?: number;
  readonly epochs?: number;
  readonly threads?: number;
  readonly dataDir?: string;
}

/** What every reproduction that trains is given: where to stop, where the data is, and the signal that stops it. */
function training({ steps, epochs, threads, dataDir }: TrainingFlags, streams: CommandStreams) {
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
  return {
    stop: { steps, epochs },
    threads,
    dataDir,
    signal: stopped.signal,
    log: (line: string) => void streams.stderr.write(`${line}\n`),
    onLoad: loadProgress(streams.stderr),
  };
}

const untyped = (command: unknown): Command => command as Command;

/** `zerosum reproduce table1`: the Parzen log-likelihood of a recipe along its training, beside the published table. */
export function table1Command(streams: CommandStreams = process): Command {
  return untyped(
    new Command('table1')
      .description('Parzen log-likelihoods beside the published ones; stopped, the same command goes on')
      .option('--data <name>', 'mnist, tfd, or faces as its stand-in', 'mnist')
      .option('--preset <name>', 'recipe (default: the released one for the data)')
      .option(...epochsFlag)
      .option(...stepsFlag)
      .option('--evaluate-every <n>', 'steps between points of the curve (default: 20 points)', count)
      .option(...threadsFlag)
      .option(...dataDirFlag)
      .option('--out <dir>', `where results and run go (default: ${ROOT}/table1-<data>-<preset>)`)
      .option('--json', 'one JSON object instead of text')
      .addHelpText(
        'after',
        `
Examples:
  $ zerosum reproduce table1                                 the released MNIST recipe: hours
  $ zerosum reproduce table1 --epochs 20                     the beginning of it: minutes
  $ zerosum reproduce table1 --preset mnist-long             the same networks, a modern recipe
  $ zerosum reproduce table1 --data faces --preset faces`,
      )
      .action(async (flags) => {
        const { data, preset, evaluateEvery, json } = flags;
        const out = flags.out ?? join(ROOT, `table1-${data}${preset === undefined ? '' : `-${preset}`}`);
        const result = await reproduceTable1({
          ...training(flags, streams),
          data,
          preset,
          evaluateEvery,
          out,
        });
        streams.stdout.write(
          json ? `${JSON.stringify(result)}\n` : `${table1Text(result)}\n${out}/table1.png\n`,
        );
      }),
  );
}

/** `zerosum reproduce figure2`: samples with the nearest training image at the end of each row. */
export function figure2Command(streams: CommandStreams = process): Command {
  return untyped(
    new Command('figure2')
      .description('samples, and the training image nearest to the last of each row')
      .option('--part <letter>', figure2Parts.map(({ part, what }) => `${part}: ${what}`).join('; '), 'a')
      .option('--preset <name>', 'recipe (default: one that makes the part in minutes)')
      .option('--run <run>', 'a trained run instead of training one')
      .option(...epochsFlag)
      .option(...stepsFlag)
      .option(...threadsFlag)
      .option(...dataDirFlag)
      .option('--out <dir>', `where results and run go (default: ${ROOT}/figure2)`)
      .option('--json', 'one JSON object instead of text')
      .addHelpText(
        'after',
        `
Examples:
  $ zerosum reproduce figure2
  $ zerosum reproduce figure2 --part b
  $ zerosum reproduce figure2 --part a --preset goodfellow2014-mnist --epochs 250
  $ zerosum reproduce figure2 --run mnist-1`,
      )
      .action(async ({ out = join(ROOT, 'figure2'), ...flags }) => {
        const { part, preset, run, json } = flags;
        const result = await reproduceFigure2({ ...training(flags, streams), part, preset, run, out });
        const { nearDuplicates, protocol } = result.neighbours;
        streams.stdout.write(
          json
            ? `${JSON.stringify(result)}\n`
            : `${join(out, `figure2${part}.png`)}: ${result.what}, step ${result.step}, seed ${result.seed}; ${nearDuplicates} of ${protocol.samples} samples pass for copies\n`,
        );
      }),
  );
}

/** `zerosum reproduce figure3`: one digit becoming another along straight lines in z space. */
export function figure3Command(streams: CommandStreams = process): Command {
  return untyped(
    new Command('figure3')
      .description('digits along straight lines in z space, as PNG and GIF')
      .option('--preset <name>', 'recipe', 'mnist')
      .option('--run <run>', 'a trained run instead of training one')
      .option(...epochsFlag)
      .option(...stepsFlag)
      .option(...threadsFlag)
      .option(...dataDirFlag)
      .option('--out <dir>', `where results and run go (default: ${ROOT}/figure3)`)
      .option('--json', 'one JSON object instead of text')
      .addHelpText(
        'after',
        `
Examples:
  $ zerosum reproduce figure3
  $ zerosum reproduce figure3 --run digits-1 --out figures`,
      )
      .action(async ({ out = join(ROOT, 'figure3'), ...flags }) => {
        const { preset, run, json } = flags;
        const result = await reproduceFigure3({ ...training(flags, streams), preset, run, out });
        streams.stdout.write(
          json
            ? `${JSON.stringify(result)}\n`
            : `${join(out, 'figure3.png')} and figure3.gif: ${result.lines} lines of ${result.points} points, step ${result.step}, seed ${result.seed}\n`,
        );
      }),
  );
}

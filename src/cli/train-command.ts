import { Command, Option } from '@commander-js/extra-typings';
import { ConfigError } from '../errors.ts';
import { progressEvaluation } from '../evaluation/disk/progress-evaluation.ts';
import type { Session } from '../runtime/session.ts';
import { readConfigFile } from '../train/disk/config-file.ts';
import { type RunEvent, type RunRequest, runTraining } from '../train/disk/training-run.ts';
import { presets } from '../train/presets.ts';
import { type DashboardProcess, startDashboard } from './dashboard-process.ts';
import { addImageFlags, imagesOf } from './image-flags.ts';
import { listOfNames } from './list-argument.ts';
import { loadProgress } from './load-progress.ts';
import { dataDirFlag, threadsFlag } from './machine-flags.ts';
import { count, port, uint32 } from './number-arguments.ts';
import { openBrowser } from './open-browser.ts';
import { addTableFlags, tableOf } from './table-flags.ts';
import { jsonReport, type TrainReport, textReport } from './train-report.ts';

const devices = ['auto', 'cpu', 'wasm', 'webgpu', 'cuda'] as const;

const collect = (value: string, before: readonly string[]): string[] => [...before, value];

function presetList(): string {
  const width = Math.max(...Object.keys(presets).map((name) => name.length));
  return Object.entries(presets)
    .map(([name, { description }]) => `  ${name.padEnd(width)}  ${description}`)
    .join('\n');
}

/** `zerosum train [data]`: trains a game in a run folder. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('train a generator; everything goes into a run folder')
    .argument(
      '[data]',
      'a named data set, a folder of images, or a .npy, IDX or CSV file (default: what the preset names)',
    )
    .option('--preset <name>', 'settings to start from (default: the one that suits the data)')
    .option('--config <file.json>', 'settings over the preset, or the config.json of a run')
    .option('--set <key=value>', 'one setting, for example --set k=2 (repeatable)', collect, [] as string[])
    .option('--out <dir>', 'run folder (default: runs/<preset>-<n>)')
    .option('--steps <n>', 'where to stop, in steps', count)
    .option('--epochs <n>', 'where to stop, in passes over the data', count)
    .option('--batch <n>', 'examples of a minibatch', count)
    .option('--seed <n>', 'of every random number', uint32)
    .addOption(new Option('--device <name>', 'what executes the graph').choices(devices))
    .option(...threadsFlag)
    .option(...dataDirFlag)
    .option('--evaluate-every <n>', 'measure the generator every n steps, into evaluations.jsonl', count)
    .option(
      '--evaluate <a,b,...>',
      'which measures: names that evaluate knows, such as parzen,modes',
      listOfNames,
    )
    .option('--best <measure>', 'keep the best checkpoint by this measure')
    .option('--resume', 'go on with the run in --out, to the same bits as if it had never stopped')
    .option('--from <run>', "start from another run's checkpoint, with its settings but for those given")
    .option('--checkpoint <step>', 'with --from: of which step (default: the newest)', uint32)
    .option('--watch', 'serve the dashboard while it trains, and on a terminal until Ctrl-C after that')
    .option('--port <n>', 'with --watch: to listen on (default: 7070, or the next free one)', port)
    .option('--no-open', 'with --watch: do not open a browser')
    .option('--json', 'one JSON object a line instead of text')
    .addHelpText(
      'after',
      `
Presets:
${presetList()}

Examples:
  $ zerosum train                                     learn the embedded digits
  $ zerosum train mnist                               the paper's data with a modern recipe
  $ zerosum train digits --watch                      see it learn in the browser
  $ zerosum train mnist --preset goodfellow2014-mnist --epochs 50
  $ zerosum train ring8 --set k=2 --seed 7 --out runs/ring
  $ zerosum train mnist --evaluate-every 1000 --evaluate parzen,modes --best parzen
  $ zerosum train --resume --out digits-1 --steps 6000
  $ zerosum train --from digits-1 --checkpoint 1000 --set generator.optimiser.learningRate=1e-4
  $ zerosum train ./photos --size 32 --flip
  $ zerosum train my-images.npy --preset digits
  $ zerosum train people.csv --categorical house,floor --omit name`,
    );
  addImageFlags(command);
  addTableFlags(command);
  command.option('--flip', "train on a folder's images mirrored as well, half and half");
  command.action(async (data, options) => {
    if (options.steps !== undefined && options.epochs !== undefined) {
      command.error("error: options '--steps <n>' and '--epochs <n>' cannot be used together");
    }
    const { batch, seed: seedFlag, device, threads, steps, epochs, dataDir } = options;
    const stop = steps === undefined ? { epochs } : { steps };
    const flags = {
      data,
      images: imagesOf(options),
      table: tableOf(options),
      batch,
      seed: seedFlag,
      device,
      threads,
      dataDir,
      ...stop,
    };
    const request: RunRequest = {
      preset: options.preset,
      file: options.config === undefined ? undefined : await readConfigFile(options.config),
      set: options.set,
      flags: Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
      out: options.out,
      resume: options.resume,
      from: forkOf(options),
      evaluation: evaluationOf(options),
      onLoad: loadProgress(process.stderr),
    };
    const report = options.json ? jsonReport(process) : textReport(process);
    await trainInterruptibly(request, report, watchOf(options));
  });
  return command as unknown as Command;
}

/** How a training is watched. */
interface Watching {
  readonly port?: number | undefined;
  readonly open: boolean;
}

/** @throws ConfigError where a port is named and nothing is served */
function watchOf({
  watch,
  port,
  open,
}: {
  watch?: true;
  port?: number;
  open: boolean;
}): Watching | undefined {
  if (watch) return { port, open };
  if (port === undefined) return undefined;
  throw new ConfigError('--port: --watch must be given to serve the dashboard, got none. Add --watch');
}

/** @throws ConfigError where a checkpoint is named and no run that has it */
function forkOf({ from, checkpoint }: { from?: string; checkpoint?: number }): RunRequest['from'] {
  if (from !== undefined) return { run: from, step: checkpoint };
  if (checkpoint === undefined) return undefined;
  throw new ConfigError('--checkpoint: --from must say which run it is of, got none. Add --from RUN');
}

interface EvaluationFlags {
  readonly evaluateEvery?: number;
  readonly evaluate?: readonly string[];
  readonly best?: string;
}

/** @throws ConfigError where measures are named without saying how often, or the best by one that is not measured */
function evaluationOf({ evaluateEvery, evaluate, best }: EvaluationFlags): RunRequest['evaluation'] {
  if (evaluateEvery === undefined) {
    if (evaluate === undefined && best === undefined) return undefined;
    const flag = evaluate === undefined ? '--best' : '--evaluate';
    throw new ConfigError(
      `${flag}: --evaluate-every N must say how often, got none. Add --evaluate-every 1000`,
    );
  }
  if (evaluate === undefined)
    throw new ConfigError(
      `--evaluate-every: --evaluate must say what is measured, got none. Add --evaluate parzen,modes for images, or jsd,modesCovered for points`,
    );
  return progressEvaluation({
    every: evaluateEvery,
    measures: evaluate,
    best,
    onNotice: (message) => process.stderr.write(`${message}\n`),
  });
}

/** Codes that a shell gives to a process that a signal ended: 128 + the signal's number. */
const signalCodes = { SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** The dashboard beside a training, from when it comes up. One that does not is told of, and no reason to stop training. */
async function watched(
  { paths, config }: Extract<RunEvent, { type: 'opened' }>,
  { port, open }: Watching,
  report: TrainReport,
  onStop: () => void,
): Promise<DashboardProcess | undefined> {
  try {
    const dashboard = await startDashboard({ folder: paths.folder, config, port, onStop });
    report.note(`dashboard      ${dashboard.url}`);
    if (open && process.stdout.isTTY) openBrowser(dashboard.url);
    return dashboard;
  } catch (error) {
    report.note(`${(error as Error).message}. The training goes on without it`);
    return undefined;
  }
}

/** On a terminal, the dashboard stays until Ctrl-C; elsewhere a script waits for this process to end. */
async function untilInterrupted({ url }: DashboardProcess): Promise<void> {
  if (!process.stdout.isTTY || !process.stderr.isTTY) return;
  process.stderr.write(`the dashboard is still at ${url}; Ctrl-C ends it\n`);
  // A signal's listener alone keeps no process alive.
  const awake = setInterval(() => {}, 2 ** 30);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  clearInterval(awake);
}

/**
 * Runs to the end, or until a signal asks for a checkpoint first. A second signal gives the checkpoint up and only waits
 * for the run in progress, half a second at most: ending the process during one would abort it.
 */
async function trainInterruptibly(
  request: RunRequest,
  report: TrainReport,
  watching: Watching | undefined,
): Promise<void> {
  const controller = new AbortController();
  let dashboard: Promise<DashboardProcess | undefined> | undefined;
  let session: Session | undefined;
  let caught: keyof typeof signalCodes | undefined;
  let hurried = false;
  let isOver = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    // A broken pipe breaks again at every line; anything else that comes twice is urgent.
    if (caught && signal === 'SIGPIPE') return;
    if (caught) {
      hurried = true;
      const code = signalCodes[caught];
      const end = (): never => process.exit(code);
      if (session) session.release().then(end, end);
      else end();
      return;
    }
    caught = signal as keyof typeof signalCodes;
    report.stopping(signal);
    controller.abort();
  };
  for (const signal of Object.keys(signalCodes)) process.on(signal, onSignal);
  try {
    for await (const event of runTraining({ ...request, signal: controller.signal })) {
      if (event.type === 'opened') {
        session = event.session;
        if (watching) dashboard = watched(event, watching, report, () => controller.abort());
      }
      report.event(event);
    }
    if (caught) process.exitCode = signalCodes[caught];
    else isOver = true;
  } catch (error) {
    // The session was taken from under the training on purpose.
    if (!hurried) throw error;
    process.exitCode = signalCodes[caught!];
  } finally {
    report.end();
    for (const signal of Object.keys(signalCodes)) process.off(signal, onSignal);
    const shown = await dashboard;
    if (shown && isOver) await untilInterrupted(shown);
    shown?.end();
  }
}
